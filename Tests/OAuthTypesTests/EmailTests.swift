import MartletTesting
import OAuthTypes
import Testing

@Suite("E-mail addresses", .spec("CVE-2025-24806"))
struct EmailTests {
    struct Spelling: Sendable, CustomTestStringConvertible {
        let text: String
        let canonical: String
        init(_ text: String, _ canonical: String) {
            self.text = text
            self.canonical = canonical
        }
        var testDescription: String { text.debugDescription }
    }

    @Test(arguments: [
        Spelling("zoe@example.org", "zoe@example.org"), Spelling("ZOE@Example.ORG", "zoe@example.org"),
        Spelling("  zoe@example.org\r\n", "zoe@example.org"), Spelling("zoe+shop@example.org", "zoe+shop@example.org"),
        // The same letters typed on two keyboards.
        Spelling("zoe\u{308}@example.org", "zo\u{EB}@example.org"), Spelling("\u{212A}@example.org", "k@example.org"),
        Spelling("a@b", "a@b"),
        Spelling(String(repeating: "a", count: 64) + "@b", String(repeating: "a", count: 64) + "@b"),
    ])
    func haveOneForm(_ spelling: Spelling) throws {
        let email = try #require(Email(spelling.text))
        #expect(Array(email.rawValue.utf8) == Array(spelling.canonical.utf8))
        #expect(Email(email.rawValue) == email)
    }

    @Test(arguments: [
        "", "@", "zoe", "zoe@", "@example.org", "zoe@@example.org", "zoe@a@b", "zoe @example.org", "zoe@exam ple.org",
        "zoe@example.org\u{0}", "zoe@example.org\nBcc: all@example.org", "zoe@.example.org", "zoe@example.org.",
        "Zoe <zoe@example.org>", "zoe@example.org,eve@example.org", "zoe;@example.org", "\"zoe\"@example.org",
        "zoe(x)@example.org", "zoe\\@example.org", "zoe@[192.0.2.1]", "zo\u{7F}e@example.org", "zo\u{85}e@example.org",
        "zo\u{202E}e@example.org", "zo\u{200B}e@example.org", "zo\u{2028}e@example.org", "zo\u{A0}e@example.org",
        String(repeating: "a", count: 65) + "@example.org", "a@" + String(repeating: "b", count: 253),
        String(repeating: "a@", count: 500_000),
    ])
    func areRefusedWhereNobodyCouldBeReached(_ text: String) {
        #expect(Email(text) == nil)
    }
}
