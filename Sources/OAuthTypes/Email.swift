@_spi(_Unicode) import Swift

/// An e-mail address in the one form in which it is stored, compared and looked up.
///
/// One canonicaliser for sign-in, lock-out and administration, so that no two parts of the server can disagree about who
/// is meant. Normalised to NFC, so that two spellings of one address cannot be two accounts; ASCII letters are lowered in
/// both parts: no provider of note tells case apart in the local part.
public struct Email: Sendable, Hashable, CustomStringConvertible {
    /// The canonical text.
    public let rawValue: String

    /// Nil where the text cannot be a deliverable address: no or several `@`, controls, spaces and invisible characters,
    /// over 254 bytes (RFC 5321 §4.5.3.1.3).
    public init?(_ text: String) {
        // What the database holds is canonical, and mostly ASCII: nothing to do but to see that.
        guard !Email.isCanonical(text.utf8.span) else {
            rawValue = text
            return
        }
        guard text.utf8.count <= Email.byteLimit, !text.utf8.contains(0) else { return nil }
        let text = String(String.UnicodeScalarView(text._nfc))
        let trimmed = text.utf8.drop(while: Email.isSpace).reversed().drop(while: Email.isSpace).reversed()
        let bytes = Array(trimmed)
        guard (3...254).contains(bytes.count), bytes.count(where: { $0 == UInt8(ascii: "@") }) == 1,
            bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"<>()[]\\,;:\"".utf8.contains($0) }),
            let at = bytes.firstIndex(of: UInt8(ascii: "@")), (1...64).contains(at)
        else { return nil }
        let domain = bytes[(at + 1)...]
        guard !domain.isEmpty, domain.first != UInt8(ascii: "."), domain.last != UInt8(ascii: ".") else { return nil }
        let lowered = bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        rawValue = String(decoding: lowered, as: UTF8.self)
        guard !rawValue.unicodeScalars.contains(where: Email.isInvisible) else { return nil }
    }

    /// Whether the text is an address in plain ASCII, as the rules below would leave it; false where they must decide.
    private static func isCanonical(_ bytes: Span<UInt8>) -> Bool {
        guard (3...254).contains(bytes.count) else { return false }
        var at: Int?
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"):
                break
            case UInt8(ascii: "@"):
                guard at == nil, (1...64).contains(index) else { return false }
                at = index
            default: return false
            }
        }
        guard let at, at + 1 < bytes.count else { return false }
        return bytes[at + 1] != UInt8(ascii: ".") && bytes[bytes.count - 1] != UInt8(ascii: ".")
    }

    /// The longest text that is looked at; what is trimmed counts.
    private static let byteLimit = 1024

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The canonical text.
    public var description: String { rawValue }
}
