import Testing

@testable import Identity

@Suite("List of words")
struct WordListTests {
    @Test func everyWordOfTheListIsFoundWithItsRank() throws {
        let words = ["password", "pass", "word", "passwords", "zebra", "!1a"]
        let list = try WordList(ranked: words)
        for (index, word) in words.enumerated() {
            let found = WordSearch(word.unicodeScalars.map(\.value), in: list).found
            #expect(found.contains { $0.range == 0..<word.count && $0.rank == index + 1 && $0.substituted == 0 })
        }
        #expect(WordSearch("passwor".unicodeScalars.map(\.value), in: list).found.map(\.rank) == [2])
        #expect(WordSearch("xp4$sy".unicodeScalars.map(\.value), in: list).found.map(\.substituted) == [2])
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let refusal: WordList.Refusal
    }

    @Test(arguments: [
        Damage(testDescription: "empty", text: "", refusal: .empty),
        Damage(testDescription: "no break at the end", text: "abc\t1\tp\nabd\t2\tp", refusal: .malformed(line: 2)),
        Damage(testDescription: "not in order", text: "abd\t1\tp\nabc\t2\tp\n", refusal: .malformed(line: 2)),
        Damage(testDescription: "twice", text: "abc\t1\tp\nabc\t2\tp\n", refusal: .malformed(line: 2)),
        Damage(testDescription: "no rank", text: "abc\tp\n", refusal: .malformed(line: 1)),
        Damage(testDescription: "rank zero", text: "abc\t0\tp\n", refusal: .malformed(line: 1)),
        Damage(testDescription: "rank too large", text: "abc\t12345678\tp\n", refusal: .malformed(line: 1)),
        Damage(testDescription: "capitals", text: "Abc\t1\tp\n", refusal: .malformed(line: 1)),
        Damage(testDescription: "another kind", text: "abc\t1\tx\n", refusal: .malformed(line: 1)),
        Damage(testDescription: "a space", text: "a c\t1\tp\n", refusal: .malformed(line: 1)),
        Damage(
            testDescription: "a long line", text: String(repeating: "a", count: 60) + "\t1\tp\n",
            refusal: .malformed(line: 1)),
    ])
    func damagedListsAreRefused(_ damage: Damage) throws {
        let folder = ScratchFolder()
        folder.write(Array(damage.text.utf8), to: "words")
        #expect(throws: damage.refusal) { try WordList(path: folder.path + "/words") }
        folder.write(Array("abc\t1\tp\nabd\t2\tw\n".utf8), to: "words")
        _ = try WordList(path: folder.path + "/words")
    }
}
