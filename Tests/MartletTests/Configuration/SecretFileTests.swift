import Testing

@testable import Martlet

@Suite("Files that hold one secret")
struct SecretFileTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let text: String
        let secret: String?
        var testDescription: String { text.debugDescription }
    }

    @Test(arguments: [
        Example(text: "s3cret", secret: "s3cret"), Example(text: "s3cret\n", secret: "s3cret"),
        Example(text: "s3cret\r\n\n", secret: "s3cret"), Example(text: "zwei Wörter\n", secret: "zwei Wörter"),
        Example(text: "", secret: nil), Example(text: "\n", secret: nil), Example(text: "\ns3cret", secret: nil),
        Example(text: "s3cret\nanother\n", secret: nil), Example(text: "s3cret \n", secret: "s3cret "),
        Example(text: "s3\u{0}cret", secret: nil),
        Example(text: "s3\tcret", secret: nil), Example(text: "s3cret\u{7F}", secret: nil),
    ])
    func haveOneLine(_ example: Example) {
        let line = SecretFile.line(of: Array(example.text.utf8))
        #expect(line.map { String(decoding: $0, as: UTF8.self) } == example.secret)
    }

    @Test func areText() {
        #expect(SecretFile.line(of: [0x61, 0xC3, 0x28]) == nil)
        #expect(SecretFile.line(of: [0x61, 0xC3, 0xBC]) != nil)
        #expect(SecretFile.line(of: Array("with blank".utf8), blanks: .refused) == nil)
        #expect(SecretFile.line(of: Array("without".utf8), blanks: .refused) != nil)
    }
}
