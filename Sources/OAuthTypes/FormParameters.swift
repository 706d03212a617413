/// The parameters of an `application/x-www-form-urlencoded` query or body, decoded strictly: RFC 6749 appendix B.
///
/// An empty value counts as absent (RFC 6749 §3.1). A repeated name is kept as a fact that the protocol can report
/// (`repeated`), not settled by picking one.
public struct FormParameters: Sendable {
    /// Why bytes are no form.
    public enum DecodingError: Error, Sendable, Equatable {
        /// A `%` without two hexadecimal digits.
        case invalidPercentEncoding
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// A NUL byte, which no parameter has a use for.
        case nulByte
        /// More than `limit` parameters.
        case tooMany
    }

    /// The most parameters that are read.
    public static let limit = 100

    /// Every name that came, also without a value, once.
    ///
    /// Plain arrays: a form has a handful of parameters, where walking beats hashing.
    private(set) var mentioned: [Parameter] = []
    /// The value of each; empty where it is absent.
    private var texts: [String] = []
    /// The second values and on of names that may come more than once; seldom any.
    private var further: [(name: Parameter, value: String)] = []
    /// Names that came more than once and may not, in the order of their second coming.
    public private(set) var repeated: [Parameter] = []

    /// No parameters.
    public init() {}

    /// Parameters put together in code, as a test or the playground does.
    public init(_ values: [Parameter: String]) {
        mentioned = Array(values.keys)
        texts = Array(values.values)
    }

    /// Decodes a query or body.
    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        let form = bytes.span
        var count = 0
        var start = 0
        while start < form.count {
            var end = start
            var equals: Int?
            while end < form.count, form[end] != UInt8(ascii: "&") {
                if form[end] == UInt8(ascii: "="), equals == nil { equals = end }
                end += 1
            }
            if end > start {
                count += 1
                guard count <= FormParameters.limit else { throw .tooMany }
                try add(
                    name: form.extracting(start..<(equals ?? end)),
                    value: form.extracting(min((equals ?? end) + 1, end)..<end)
                )
            }
            start = end + 1
        }
    }

    private mutating func add(name: Span<UInt8>, value: Span<UInt8>) throws(DecodingError) {
        let name = Parameter(try FormParameters.decode(name))
        let value = try FormParameters.decode(value)
        guard mentioned.contains(name) else {
            mentioned.append(name)
            texts.append(value)
            return
        }
        if Parameter.repeatable.contains(name) {
            if !value.isEmpty { further.append((name, value)) }
        } else if !repeated.contains(name) {
            repeated.append(name)
        }
    }

    /// The value, or nil where it is absent or empty.
    public subscript(_ name: Parameter) -> String? {
        guard let place = mentioned.firstIndex(of: name), !texts[place].isEmpty else { return nil }
        return texts[place]
    }

    /// Every value of a name that may come more than once, in their order.
    public func all(_ name: Parameter) -> [String] {
        (self[name].map { [$0] } ?? []) + further.filter { $0.name == name }.map(\.value)
    }

    /// The names that came with a value.
    public var names: Set<Parameter> { Set(pairs.map(\.name)) }

    private var pairs: [(name: Parameter, value: String)] {
        zip(mentioned, texts).filter { !$0.1.isEmpty }.map { (name: $0.0, value: $0.1) } + further
    }

    /// The parameters as a form again, in the order of their names; those that may not be repeated once.
    public var encoded: String { encoded(only: names) }

    /// The same of these parameters alone.
    public func encoded(only names: Set<Parameter>) -> String {
        // Several values of one name stay in their order.
        pairs.filter { names.contains($0.name) }.enumerated()
            .sorted { ($0.element.name.rawValue, $0.offset) < ($1.element.name.rawValue, $1.offset) }
            .map { "\(FormParameters.encode($0.element.name.rawValue))=\(FormParameters.encode($0.element.value))" }
            .joined(separator: "&")
    }

    /// Refuses a form in which a parameter came twice: RFC 6749 §3.1, §3.2.
    public func requireNoRepetition() throws(OAuthError) {
        guard repeated.isEmpty else {
            throw OAuthError(
                .invalidRequest, "a parameter was sent more than once", nearest: .repetition,
                rule: "RFC 6749 §3.1, §3.2")
        }
    }

    /// Decodes one name or value: `+` is a space, `%XX` a byte, the whole UTF-8.
    public static func decode(_ bytes: Span<UInt8>) throws(DecodingError) -> String {
        if isPlain(bytes) {
            guard let text = try? UTF8Span(validating: bytes) else { throw .invalidUTF8 }
            return String(copying: text)
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "+") {
                byte = 0x20
            } else if byte == UInt8(ascii: "%") {
                guard index + 1 < bytes.count, let high = hexadecimalValue(bytes[index]),
                    let low = hexadecimalValue(bytes[index + 1])
                else { throw .invalidPercentEncoding }
                byte = high << 4 | low
                index += 2
            }
            guard byte != 0 else { throw .nulByte }
            decoded.append(byte)
        }
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }

    /// Encodes one name or value so that `decode` gives it back; unreserved characters stay (RFC 3986 §2.3).
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Whether nothing has to be decoded or refused but what is not UTF-8.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "+"), UInt8(ascii: "%"), 0: return false
            default: break
            }
        }
        return true
    }

    private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
