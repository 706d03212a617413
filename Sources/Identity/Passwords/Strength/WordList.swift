/// Words that passwords are made of, the commonest with the lowest rank.
///
/// A text file in the order of its bytes, a line a word: the word in small letters, its rank, its kind (`p` password,
/// `w` word, `n` name), with tabs between. It is mapped and searched as it lies there; nothing is built in memory.
public struct WordList: Sendable {
    /// Where a word comes from.
    public enum Kind: UInt8, Sendable {
        /// The lists of passwords.
        case password = 0x70
        /// A language.
        case word = 0x77
        /// First names and surnames.
        case name = 0x6E
    }

    /// Why a file is no list of words.
    public enum Refusal: Error, Sendable, Equatable {
        /// The file cannot be read, in the system's words.
        case unreadable(String)
        /// A line is not a word, a rank and a kind, or is not in order: its number.
        case malformed(line: Int)
        /// There is nothing in it.
        case empty
    }

    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    /// Bytes of a line without its break.
    static let lineLimit = 48

    let bytes: MappedFile

    /// Maps a file and looks at every line once.
    public init(path: String) throws(Refusal) {
        do {
            bytes = try MappedFile(path: path)
        } catch {
            throw .unreadable(error.description)
        }
        try check()
        bytes.releasePages()
    }

    /// A list from words, the commonest first.
    public init(ranked words: [String], kind: Kind = .password) throws(Refusal) {
        let lines = words.enumerated().map { Array("\($1)\t\($0 + 1)\t".utf8) + [kind.rawValue, WordList.newline] }
        let sorted = lines.sorted { $0.lexicographicallyPrecedes($1) }
        bytes = MappedFile(copying: Array(sorted.joined()))
        try check()
    }

    private func check() throws(Refusal) {
        let problem: Refusal? = bytes.withBytes { bytes in
            guard !bytes.isEmpty else { return .empty }
            var (start, number) = (0, 1)
            var before = 0..<0
            while start < bytes.count {
                let rest = bytes[start...].prefix(WordList.lineLimit + 1)
                guard let end = rest.firstIndex(of: WordList.newline), let entry = WordEntry(bytes, start..<end),
                    before.isEmpty || bytes[before].lexicographicallyPrecedes(bytes[entry.word])
                else { return .malformed(line: number) }
                before = entry.word
                start = end + 1
                number += 1
            }
            return nil
        }
        if let problem { throw problem }
    }
}

/// One line of a list of words.
struct WordEntry {
    let word: Range<Int>
    let rank: Int
    let kind: WordList.Kind

    /// Nil where the line is not of the form.
    init?(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) {
        let text = bytes[line]
        guard let end = text.firstIndex(of: WordList.tab), end > line.lowerBound, line.count >= 5,
            text[..<end].allSatisfy({ (0x21...0x7E).contains($0) && !(0x41...0x5A).contains($0) }),
            text[line.upperBound - 2] == WordList.tab, let kind = WordList.Kind(rawValue: text[line.upperBound - 1])
        else { return nil }
        var rank = 0
        guard end + 1 < line.upperBound - 2, line.upperBound - 3 - end <= 7 else { return nil }
        for byte in text[(end + 1)..<(line.upperBound - 2)] {
            guard (0x30...0x39).contains(byte) else { return nil }
            rank = rank * 10 + Int(byte - 0x30)
        }
        guard rank > 0 else { return nil }
        (word, self.rank, self.kind) = (line.lowerBound..<end, rank, kind)
    }
}
