/// Which trace a request belongs to, and what in it called us: W3C Trace Context §3.2.
public struct TraceParent: Sendable, Hashable {
    /// The trace; never 0.
    public let trace: UInt128
    /// The span of the caller; never 0.
    public let parent: UInt64
    /// Whether the caller may have recorded its part.
    public let isSampled: Bool

    /// Makes one.
    public init(trace: UInt128, parent: UInt64, isSampled: Bool) {
        self.trace = trace
        self.parent = parent
        self.isSampled = isSampled
    }

    /// Reads `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`; `nil` for whatever is not exactly that.
    ///
    /// §4.3: of a version not yet known, what this one has is read, and more may follow behind a hyphen.
    public init?(_ text: some Collection<UInt8>) {
        guard text.count >= 55 else { return nil }
        var digits = text.makeIterator()
        guard let version = Self.number(of: 2, in: &digits), version != 0xff, digits.next() == Self.hyphen,
            let trace = Self.number(of: 32, in: &digits), trace != 0, digits.next() == Self.hyphen,
            let parent = Self.number(of: 16, in: &digits), parent != 0, digits.next() == Self.hyphen,
            let flags = Self.number(of: 2, in: &digits),
            text.count == 55 || (version > 0 && digits.next() == Self.hyphen)
        else { return nil }
        self.init(trace: trace, parent: UInt64(truncatingIfNeeded: parent), isSampled: flags & 1 == 1)
    }

    /// The parent of a request, unless it has none or more than one: §3.2.2.1.
    init?(_ headers: Headers) {
        guard let value = headers.onlyValue(of: "traceparent") else { return nil }
        self.init(value)
    }

    private static let hyphen = UInt8(ascii: "-")

    /// Lower-case hexadecimal digits alone: §3.2.2.
    private static func number(of count: Int, in digits: inout some IteratorProtocol<UInt8>) -> UInt128? {
        var number: UInt128 = 0
        for _ in 0..<count {
            switch digits.next() {
            case .some(let digit) where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"):
                number = number << 4 | UInt128(digit &- UInt8(ascii: "0"))
            case .some(let digit) where digit >= UInt8(ascii: "a") && digit <= UInt8(ascii: "f"):
                number = number << 4 | UInt128(digit &- UInt8(ascii: "a") &+ 10)
            default: return nil
            }
        }
        return number
    }
}
