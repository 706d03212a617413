import Testing

@testable import Pages

@Suite("Lines of a mail's text")
struct MailLinesTests {
    @Test func breaksParagraphsBetweenWords() {
        let words = Array(repeating: "word", count: 40).joined(separator: " ")
        let lines = MailLines.wrap(words + "\n\nend\n").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.map(\.count) == [74, 74, 49, 0, 3, 0])
        #expect(lines.prefix(3).joined(separator: " ") == words)
    }

    @Test func leavesShortLinesAndLinksAsTheyAre() {
        let link = "https://id.example/reset-password?link=" + String(repeating: "a", count: 100)
        let text = "a  b\n\n  \(String(repeating: "c", count: 70))\n\(link)\n"
        #expect(MailLines.wrap(text) == text)
        #expect(MailLines.wrap("see \(link) now") == "see\n\(link)\nnow")
    }
}
