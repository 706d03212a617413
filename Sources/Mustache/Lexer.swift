/// A tag of the source.
struct Tag {
    enum Kind {
        case variable, raw, section, inverted, closing, partial, parent, block, comment, delimiters
    }

    let kind: Kind
    let name: String
    let position: Position
}

/// A tag, or text with at most one line feed, at its end.
enum Token {
    case text(ArraySlice<UInt8>)
    case tag(Tag)
}

/// Cuts a template's source into tokens, minding changes of delimiters (spec: delimiters).
struct Lexer {
    private let source: [UInt8]
    private let template: String
    private var offset = 0
    private var opening = Array("{{".utf8)
    private var closing = Array("}}".utf8)
    private var position = Position()
    private var located = 0

    init(_ source: String, named template: String) {
        self.source = Array(source.utf8)
        self.template = template
    }

    mutating func next() throws(MustacheError) -> Token? {
        guard offset < source.count else { return nil }
        if matches(opening, at: offset) { return .tag(try tag()) }
        let start = offset
        while offset < source.count, !matches(opening, at: offset) {
            offset += 1
            if source[offset - 1] == UInt8(ascii: "\n") { break }
        }
        return .text(source[start..<offset])
    }

    private mutating func tag() throws(MustacheError) -> Tag {
        locate()
        var start = offset + opening.count
        var ending = closing
        let kind: Tag.Kind
        switch start < source.count ? source[start] : 0 {
        case UInt8(ascii: "{"):
            kind = .raw
            ending.insert(UInt8(ascii: "}"), at: 0)
        case UInt8(ascii: "="):
            kind = .delimiters
            ending.insert(UInt8(ascii: "="), at: 0)
        case UInt8(ascii: "&"): kind = .raw
        case UInt8(ascii: "#"): kind = .section
        case UInt8(ascii: "^"): kind = .inverted
        case UInt8(ascii: "/"): kind = .closing
        case UInt8(ascii: ">"): kind = .partial
        case UInt8(ascii: "<"): kind = .parent
        case UInt8(ascii: "$"): kind = .block
        case UInt8(ascii: "!"): kind = .comment
        default: kind = .variable
        }
        if kind != .variable { start += 1 }
        guard let end = find(ending, from: start) else {
            throw error(.unclosedTag(expected: String(decoding: ending, as: UTF8.self)))
        }
        offset = end + ending.count

        let content = source[start..<end]
        switch kind {
        case .comment: break
        case .delimiters: try setDelimiters(content)
        default: return Tag(kind: kind, name: try name(content), position: position)
        }
        return Tag(kind: kind, name: "", position: position)
    }

    private func name(_ content: ArraySlice<UInt8>) throws(MustacheError) -> String {
        let words = content.split(whereSeparator: Lexer.isSpace)
        guard words.count == 1, let word = words.first, let first = word.first, !Lexer.signs.contains(first) else {
            throw error(.invalidName(String(decoding: content, as: UTF8.self)))
        }
        return String(decoding: word, as: UTF8.self)
    }

    private mutating func setDelimiters(_ content: ArraySlice<UInt8>) throws(MustacheError) {
        let words = content.split(whereSeparator: Lexer.isSpace)
        guard words.count == 2, !content.contains(UInt8(ascii: "=")) else {
            throw error(.invalidDelimiters(String(decoding: content, as: UTF8.self)))
        }
        opening = Array(words[0])
        closing = Array(words[1])
    }

    /// A name that begins with one of these is a tag with a space too many, as in `{{ #a}}`.
    private static let signs = Array("{=&#^/><$!".utf8)

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(byte)
    }

    private func matches(_ bytes: [UInt8], at start: Int) -> Bool {
        guard bytes.count <= source.count - start else { return false }
        for index in bytes.indices where source[start + index] != bytes[index] { return false }
        return true
    }

    private func find(_ bytes: [UInt8], from start: Int) -> Int? {
        guard start <= source.count else { return nil }
        return (start..<source.count).first { matches(bytes, at: $0) }
    }

    /// Moves the position on to the offset; each byte is looked at once.
    private mutating func locate() {
        for byte in source[located..<offset] {
            if byte == UInt8(ascii: "\n") {
                position = Position(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        located = offset
    }

    private func error(_ problem: MustacheError.Problem) -> MustacheError {
        MustacheError(problem, in: template, at: position)
    }
}
