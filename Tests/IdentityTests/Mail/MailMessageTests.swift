import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("RFC 5322: mails as they are sent")
struct MailMessageTests {
    static func message(
        id: String = "M7-_k", sender: String = "Example <no-reply@mail.example>", to: String = "ada@example.org",
        subject: String = "Set a new password", text: String = "Hello", html: String = "<p>Hello</p>"
    ) throws -> MailMessage {
        MailMessage(
            id: MailID(rawValue: id), sender: try #require(Mailbox(sender)), recipient: try #require(Email(to)),
            content: MailText(subject: HeaderText(subject), text: text, html: html), date: .noon, host: "id.example")
    }

    static func lines(_ message: MailMessage) -> [String] {
        let text = String(decoding: message.encoded, as: UTF8.self)
        return text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(.spec("RFC 5322 §3.6"))
    func hasTheFieldsThatEveryMailHas() throws {
        let lines = try Self.lines(Self.message())
        let fields = lines.prefix { !$0.isEmpty }
        for field in [
            "Date: Sun, 01 Jun 2025 12:00:00 +0000", "To: ada@example.org", "Subject: Set a new password",
            "Message-ID: <M7-_k@id.example>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
            "From: \"Example\"", " <no-reply@mail.example>",
        ] {
            #expect(fields.count { $0 == field } == 1, "\(field)")
        }
    }

    @Test(.spec("RFC 5322 §2.1.1"), arguments: ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\u{B}", "\0"])
    func noTextBeginsAField(_ end: String) throws {
        let attack = "Hello\(end)Bcc: mallory@example.net\(end)\(end)text"
        let message = try Self.message(
            id: "m\(end)Bcc: mallory@example.net", subject: attack, text: "\(end).\(end)", html: attack)
        let lines = Self.lines(message)
        let fields = lines.prefix { !$0.isEmpty }
        #expect(!fields.contains { $0.lowercased().hasPrefix("bcc") })
        // Both parts and the one end.
        #expect(lines.count { $0.hasPrefix("--=_") } == 3)
        #expect(!message.encoded.contains(0))
        #expect(
            Mailbox("Eve\(end)Bcc: x@example.net <eve@example.org>")?.name?.value.contains(where: \.isNewline) == false)
        #expect(Mailbox("eve@example.org\(end)x") == nil)
        let harmless = try Self.lines(Self.message(subject: "Hello Bcc: mallory@example.net"))
        #expect(harmless.contains("Subject: Hello Bcc: mallory@example.net"))
    }

    @Test(
        .spec("RFC 2047 §2"),
        arguments: [
            "Grüße aus Zürich", "燕が飛ぶ", String(repeating: "é", count: 190), "=?utf-8?Q?x?=",
            "🐦 " + String(repeating: "a", count: 99),
        ])
    func wordsOutsideOfASCIIAreEncodedInShortWords(_ text: String) {
        let encoded = HeaderText(text).unstructured
        #expect(encoded.utf8.allSatisfy { $0 < 0x80 })
        for word in encoded.split(separator: "\r\n ") {
            #expect(word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?=") && word.utf8.count <= 75)
        }
    }

    @Test(.spec("RFC 5322 §3.2.4"))
    func aNameIsQuoted() throws {
        #expect(HeaderText("Ann \"The\" \\ Bee").phrase == "\"Ann \\\"The\\\" \\\\ Bee\"")
        #expect(Mailbox("Ann, Bee <ann@example.org>")?.field == "\"Ann, Bee\"\r\n <ann@example.org>")
        #expect(Mailbox("ann@example.org")?.field == "ann@example.org")
        #expect(Mailbox("Ann <ann>") == nil)
    }

    @Test(
        .spec("RFC 2045 §6.7"),
        arguments: [
            ("plain", "plain\r\n"), ("a=b", "a=3Db\r\n"), ("é", "=C3=A9\r\n"), ("end \nnext", "end=20\r\nnext\r\n"),
            ("tab\t", "tab=09\r\n"), ("a\r\nb\rc\n", "a\r\nb\r\nc\r\n"), ("", ""), ("\n\n", "\r\n\r\n"),
            ("\u{0}", "=00\r\n"),
        ])
    func quotesWhatIsNotPrintable(_ text: String, _ encoded: String) {
        #expect(String(decoding: QuotedPrintable.encode(text), as: UTF8.self) == encoded)
    }

    @Test(.spec("RFC 2045 §6.7"))
    func noLineIsLongerThanSeventySixCharacters() {
        for length in 60...240 {
            for text in [String(repeating: "a", count: length), String(repeating: "é", count: length)] {
                let encoded = String(decoding: QuotedPrintable.encode(text), as: UTF8.self)
                let lines = encoded.split(separator: "\r\n")
                #expect(lines.allSatisfy { $0.utf8.count <= 76 })
                let joined = lines.map { $0.hasSuffix("=") ? $0.dropLast() : $0 }.joined()
                #expect(joined == (text.first == "a" ? text : String(repeating: "=C3=A9", count: length)))
            }
        }
    }
}
