import Testing

@testable import Martlet

@Suite("The nearest spelling")
struct SpellingTests {
    @Test(arguments: [
        ("lsit", "list"), ("LIST", "list"), ("remvoe", "remove"), ("ad", "add"), ("adds", "add"), ("shwo", "show"),
    ])
    func slipsAreFound(_ word: String, _ meant: String) {
        #expect(Spelling.nearest(to: word, among: ["add", "list", "show", "remove"]) == meant)
    }

    @Test(arguments: [
        "delete", "xyz", "", "a-word-that-is-longer-than-any-name-of-a-command-or-an-option-could-be-here",
    ])
    func otherWordsAreNot(_ word: String) {
        #expect(Spelling.nearest(to: word, among: ["add", "list", "show", "remove"]) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "bcd", 2), ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ])
    func distancesCountEditsAndSwaps(_ left: String, _ right: String, _ distance: Int) {
        #expect(Spelling.distance(Array(left.utf8), Array(right.utf8)) == distance)
        #expect(Spelling.distance(Array(right.utf8), Array(left.utf8)) == distance)
    }
}
