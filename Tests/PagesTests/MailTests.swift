import Testing

@testable import Mustache
@testable import Pages

@Suite("Mails: two templates each")
struct MailTests {
    struct Written: Sendable, CustomTestStringConvertible {
        let mail: any Mail
        var testDescription: String { type(of: mail).template }
    }

    static let all = PageSet.mails.map { Written(mail: $0.example) }

    static func render(_ mail: any Mail) throws -> RenderedMail { try ShownPage.set().render(mail) }

    @Test(arguments: all)
    func hasASubjectATextAndHTML(_ written: Written) throws {
        let mail = try Self.render(written.mail)
        #expect(!mail.subject.isEmpty && mail.subject.utf8.count <= 60 && !mail.subject.contains("\n"))
        #expect(!mail.text.hasPrefix("\n") && mail.text.hasSuffix("\n"))
        #expect(!mail.text.contains("{{") && !mail.text.contains("&amp;"))
        #expect(mail.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let markup = Markup(mail.html)
        #expect(mail.html.hasPrefix("<!DOCTYPE html>") && mail.html.hasSuffix("</html>\n"))
        #expect(markup.all("title").first?.text == mail.subject)
        // Nothing is fetched by whoever opens it.
        for name in ["img", "script", "link", "iframe", "form"] { #expect(markup.all(name).isEmpty) }
    }

    @Test(arguments: all)
    func bothPartsHaveTheSameLink(_ written: Written) throws {
        guard case .object(let members) = written.mail.value, case .string(let link)? = members["link"] else { return }
        let mail = try Self.render(written.mail)
        #expect(mail.text.split(separator: "\n").contains { $0 == link })
        #expect(Markup(mail.html).all("a").map { $0.attributes["href"] } == [link])
    }

    @Test func textIsNoMarkupAndHTMLIsEscaped() throws {
        let mail = try Self.render(
            ResetPasswordMail(name: "<b>&\"'", link: "https://id.example/?a=1&b=2", for: ShownPeriod(seconds: 1800)))
        #expect(mail.text.contains("Hello <b>&\"',") && mail.text.contains("?a=1&b=2"))
        #expect(mail.html.contains("Hello &lt;b&gt;&amp;&quot;&#39;,") && !mail.html.contains("<b>"))
        let nameless = try Self.render(
            ResetPasswordMail(name: "", link: "https://id.example/", for: ShownPeriod(seconds: 1800)))
        #expect(nameless.text.hasPrefix("Hello,"))
    }
}
