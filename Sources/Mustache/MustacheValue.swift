/// What a template is rendered with: a tree of plain data, in the sense of Mustache's "data" (spec: interpolation, sections).
///
/// Literals make models short: `["name": "Ada", "admin": true, "keys": ["a", "b"]]`.
public enum MustacheValue: Hashable, Sendable {
    /// Nothing: interpolates as the empty string and hides a section.
    case null
    /// A flag for sections; interpolates as `true` or `false`.
    case bool(Bool)
    /// A whole number. Zero shows a section: it is something to print.
    case integer(Int)
    /// A number of things, for sentences that depend on it: a section with the keys of ``MustacheCount``.
    case count(Int)
    /// A number with a fraction, printed in its shortest form.
    case decimal(Double)
    /// Text. The empty text hides a section, so that `{{#error}}…{{/error}}` needs no flag beside it.
    case string(String)
    /// A list: a section repeats for each element.
    case list([MustacheValue])
    /// Members by name. A name holds no full stop: paths such as `a.b` are split at it.
    case object([String: MustacheValue])

    /// The text, or nothing.
    public init(_ text: String?) {
        self = text.map(MustacheValue.string) ?? .null
    }

    /// Whether an inverted section shows for this value.
    var isFalsy: Bool {
        switch self {
        case .null: true
        case .bool(let flag): !flag
        case .string(let text): text.isEmpty
        case .list(let elements): elements.isEmpty
        case .integer, .count, .decimal, .object: false
        }
    }
}

extension MustacheValue: ExpressibleByStringInterpolation {
    /// Text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension MustacheValue: ExpressibleByBooleanLiteral {
    /// A flag.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension MustacheValue: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int) {
        self = .integer(value)
    }
}

extension MustacheValue: ExpressibleByFloatLiteral {
    /// A number with a fraction.
    public init(floatLiteral value: Double) {
        self = .decimal(value)
    }
}

extension MustacheValue: ExpressibleByNilLiteral {
    /// Nothing.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension MustacheValue: ExpressibleByArrayLiteral {
    /// A list.
    public init(arrayLiteral elements: MustacheValue...) {
        self = .list(elements)
    }
}

extension MustacheValue: ExpressibleByDictionaryLiteral {
    /// Members by name; of two with the same name the last one counts.
    public init(dictionaryLiteral elements: (String, MustacheValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
