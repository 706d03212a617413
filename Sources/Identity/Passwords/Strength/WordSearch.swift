/// Finds the words of a list in a password: straight, backwards, and with figures for letters.
///
/// From each place the search goes down the sorted list one character at a time, and ends where no word goes on; so a
/// password of any shape takes no more steps than there are beginnings of words that look like it.
struct WordSearch {
    private let list: WordList
    private let text: [UInt32]
    private(set) var found: [Found] = []
    /// How many times a line of the list was looked at.
    private(set) var steps = 0

    /// A word at a place.
    struct Found {
        let range: Range<Int>
        let rank: Int
        let kind: WordList.Kind
        /// Places where a figure stands for a letter.
        let substituted: Int
    }

    /// Above this no further word is looked for.
    static let stepLimit = 200_000

    /// Letters that a figure or a sign may stand for.
    static func letters(for character: UInt8) -> [UInt8] {
        switch character {
        case UInt8(ascii: "4"), UInt8(ascii: "@"): [UInt8(ascii: "a")]
        case UInt8(ascii: "8"): [UInt8(ascii: "b")]
        case UInt8(ascii: "("), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "<"): [UInt8(ascii: "c")]
        case UInt8(ascii: "3"): [UInt8(ascii: "e")]
        case UInt8(ascii: "6"), UInt8(ascii: "9"): [UInt8(ascii: "g")]
        case UInt8(ascii: "1"), UInt8(ascii: "!"), UInt8(ascii: "|"): [UInt8(ascii: "i"), UInt8(ascii: "l")]
        case UInt8(ascii: "0"): [UInt8(ascii: "o")]
        case UInt8(ascii: "5"), UInt8(ascii: "$"): [UInt8(ascii: "s")]
        case UInt8(ascii: "7"), UInt8(ascii: "+"): [UInt8(ascii: "t")]
        case UInt8(ascii: "%"): [UInt8(ascii: "x")]
        case UInt8(ascii: "2"): [UInt8(ascii: "z")]
        default: []
        }
    }

    init(_ text: [UInt32], in list: WordList) {
        self.text = text
        self.list = list
        list.bytes.withBytes { bytes in
            for start in text.indices {
                descend(bytes, 0..<bytes.count, from: start, at: start, substituted: 0)
            }
        }
    }

    /// Goes on with the lines that begin like the text from `start` to `place`.
    private mutating func descend(
        _ bytes: UnsafeRawBufferPointer, _ lines: Range<Int>, from start: Int, at place: Int, substituted: Int
    ) {
        guard place < text.count, let character = UInt8(exactly: text[place]), character > 0x20 else { return }
        step(bytes, lines, character, from: start, at: place, substituted: substituted)
        for letter in WordSearch.letters(for: character) {
            step(bytes, lines, letter, from: start, at: place, substituted: substituted + 1)
        }
    }

    private mutating func step(
        _ bytes: UnsafeRawBufferPointer, _ lines: Range<Int>, _ character: UInt8, from start: Int, at place: Int,
        substituted: Int
    ) {
        guard steps < WordSearch.stepLimit, character < 0x7F else { return }
        let depth = place - start
        let lower = boundary(bytes, lines, depth) { $0 >= character }
        let upper = boundary(bytes, lower..<lines.upperBound, depth) { $0 > character }
        guard lower < upper else { return }
        // The tab behind a word sorts before everything else: the word that ends here is the first line.
        if bytes[lower + depth + 1] == WordList.tab {
            let end = bytes[lower...].firstIndex(of: WordList.newline) ?? bytes.count
            if let entry = WordEntry(bytes, lower..<end) {
                found.append(
                    Found(range: start..<(place + 1), rank: entry.rank, kind: entry.kind, substituted: substituted))
            }
        }
        descend(bytes, lower..<upper, from: start, at: place + 1, substituted: substituted)
    }

    /// Where the first of the lines begins whose character at a depth satisfies the condition; the end if none does.
    private mutating func boundary(
        _ bytes: UnsafeRawBufferPointer, _ lines: Range<Int>, _ depth: Int, _ isBeyond: (UInt8) -> Bool
    ) -> Int {
        var (low, high) = (lines.lowerBound, lines.upperBound)
        while low < high {
            steps += 1
            var line = (low + high) / 2
            while line > low, bytes[line - 1] != WordList.newline { line -= 1 }
            // All lines share their first `depth` characters, so the one at `depth` is there: a tab at the least.
            if isBeyond(bytes[line + depth]) {
                high = line
            } else {
                var next = line
                while bytes[next] != WordList.newline { next += 1 }
                low = next + 1
            }
        }
        return low
    }
}
