/// A parsed template is a list of these.
enum Node: Sendable {
    case text(StaticText)
    case value(Interpolation)
    indirect case section(Section)
    indirect case inclusion(Inclusion)
    indirect case block(Block)
}

/// Text of the template itself, with the places where indentation goes when the template is included indented.
struct StaticText: Sendable {
    var bytes: [UInt8] = []
    /// Offsets, ascending, at which a line with something on it begins; the last may be the end, before a tag.
    var lineStarts: [Int] = []
}

/// `{{name}}`, `{{{name}}}` or `{{&name}}`.
struct Interpolation: Sendable {
    let path: ModelPath
    let position: Position
    let isRaw: Bool
}

/// `{{#name}}…{{/name}}` or `{{^name}}…{{/name}}`.
struct Section: Sendable {
    let path: ModelPath
    let position: Position
    let isInverted: Bool
    var content: [Node] = []
}

/// `{{>name}}` or `{{<name}}…{{/name}}`: a partial is a parent without fillings (spec: inheritance).
struct Inclusion: Sendable {
    let name: String
    let position: Position
    /// It stands for words, not for lines.
    var isWording = false
    var fillings: [Filling] = []
    /// The white space before a tag that has its line for itself; `nil` when something else is on the line.
    var indentation: [UInt8]?
}

/// What a block shows: its own default, or what a child gives to its parent.
///
/// Its common indentation has been removed.
struct Filling: Sendable {
    let name: String
    let position: Position
    let nodes: [Node]
    /// The opening tag ended its line, so the first node begins a line.
    let startsLine: Bool
    /// The closing tag began its line, so the last node ended one.
    let endsLine: Bool
}

/// `{{$name}}default{{/name}}` where it may be overridden.
struct Block: Sendable {
    let filling: Filling
    /// What every line of the filling gets here: the indentation of the default's lines, else that of the tag's line.
    var indentation: [UInt8]?
    /// The end of the line that the block has for itself, empty at the end of a template; `nil` inside of a line.
    var lineEnd: [UInt8]?
}

/// A dotted name, split once; `.` has no keys and means the innermost value.
struct ModelPath: Sendable {
    let text: String
    let keys: [String]

    /// Refuses empty parts, as in `a..b`.
    init?(_ text: String) {
        self.text = text
        if text == "." {
            keys = []
        } else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            keys = parts.map(String.init)
        }
    }
}
