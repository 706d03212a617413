/// The name of an attribute: RFC 4512 §2.5, without options but `;binary`-like ones, which no search of ours needs.
///
/// A type of its own, so that nothing but a name ever stands in a filter where a name belongs.
public struct AttributeName: Sendable, Hashable, CustomStringConvertible {
    /// The text, lowered: names are compared without regard to case.
    public let rawValue: String

    /// Nil where the text is neither a descriptor (letter, then letters, digits and hyphens) nor an object identifier.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...128).contains(bytes.count), let first = bytes.first else { return nil }
        let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let isLetter: (UInt8) -> Bool = { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
        if isLetter(first) {
            guard bytes.allSatisfy({ isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") }) else { return nil }
        } else {
            let arcs = text.split(separator: ".", omittingEmptySubsequences: false)
            guard arcs.count > 1, arcs.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else { return nil }
        }
        rawValue = text.lowercased()
    }

    /// The text.
    public var description: String { rawValue }
}
