/// A language that pages and mails are there in: the name of its folder in `messages/`, a tag of BCP 47.
public struct Language: Hashable, Sendable {
    /// The tag, such as `de` or `pt-BR`: what `lang` and `Content-Language` say.
    public let tag: String

    /// Nil where that is no language tag: letters first, then letters and digits, up to eight between hyphens.
    public init?(_ tag: String) {
        let parts = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard tag.utf8.count <= 35, let first = parts.first, (2...8).contains(first.count),
            first.allSatisfy({ isLetter($0) }),
            parts.allSatisfy({ (1...8).contains($0.count) && $0.allSatisfy { isLetter($0) || isDigit($0) } })
        else { return nil }
        self.tag = tag
    }

    private init(known tag: String) { self.tag = tag }

    /// English: the language that every other one is compared with.
    public static let english = Language(known: "en")

    /// Tags are the same in either case: RFC 5646 §2.1.1.
    var key: String { tag.lowercased() }
}

func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
