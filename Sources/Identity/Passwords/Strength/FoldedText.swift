@_spi(_Unicode) import Swift

/// A text as a guesser sees it: every character without its case and its marks, and whether it was a capital.
struct FoldedText: Sendable, Equatable {
    /// One a code point.
    let scalars: [UInt32]
    /// Whether the code point was a capital letter.
    let capitals: [Bool]
    /// The code points as they were typed.
    let typed: [UInt32]

    var count: Int { scalars.count }

    init(_ text: some Sequence<Unicode.Scalar>) {
        typed = text.map(\.value)
        scalars = typed.map(FoldedText.fold)
        capitals = zip(typed, scalars).map { value, folded in
            value < 0x80 ? value != folded : Unicode.Scalar(value)?.properties.isUppercase ?? false
        }
    }

    private static func fold(_ value: UInt32) -> UInt32 {
        guard value >= 0x80 else { return (0x41...0x5A).contains(value) ? value | 0x20 : value }
        guard let scalar = Unicode.Scalar(value) else { return value }
        return scalar.properties.lowercaseMapping._nfd.first { _ in true }?.value ?? value
    }

    /// Whether both have the same characters from a place in the one and from the beginning of the other.
    func holds(_ other: FoldedText, at start: Int) -> Bool {
        guard start + other.count <= count else { return false }
        return other.scalars.indices.allSatisfy { scalars[start + $0] == other.scalars[$0] }
    }
}

/// The words that are guessed first for one person: their name, their address, the site.
enum OwnWords {
    /// No more than so many words: a name of two hundred characters has no more that count.
    private static let limit = 24

    /// The words of texts, in parts and, where they have parts, as a whole.
    static func of(_ texts: [String]) -> [FoldedText] {
        var words: [FoldedText] = []
        func add(_ scalars: some Sequence<Unicode.Scalar>) {
            let word = FoldedText(scalars)
            if word.count >= 3, words.count < limit, !words.contains(word) { words.append(word) }
        }
        for text in texts {
            let scalars = Array(text.unicodeScalars.prefix(320))
            let parts = scalars.split { !$0.properties.isAlphabetic && !("0"..."9").contains($0) }
            for part in parts { add(part) }
            // `adalovelace` of `Ada Lovelace`, and of `ada.lovelace@example.com`.
            let person = scalars.prefix { $0 != "@" }.split { !$0.properties.isAlphabetic }
            if person.count > 1 { add(person.joined()) }
        }
        return words
    }
}
