import Foundation
import MartletTesting
import Testing

@Suite("Wording of refusals", .spec("A-16", "RFC 6749 §4.1.2.1", "RFC 6749 §5.2"))
struct RefusalWordingTests {
    /// The sentence of every refusal in the sources, as a header and a query carry it.
    static let sentences: [String] = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let sources = tests.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
        guard let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil) else {
            return []
        }
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.flatMap { file in
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.matches(of: /OAuthError\(\s*\.[a-zA-Z]+,\s*"((?:[^"\\]|\\.)*)"/).map { String($0.output.1) }
        }
    }()

    @Test func staysInTheCharactersOfTheSpecification() {
        #expect(RefusalWordingTests.sentences.count > 40)
        for sentence in RefusalWordingTests.sentences {
            let isFit = sentence.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            #expect(isFit && !sentence.isEmpty, "\(sentence)")
        }
    }
}
