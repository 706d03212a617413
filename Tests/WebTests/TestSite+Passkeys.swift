import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Testing

extension TestSite {
    /// An authenticator in a browser that shows pages of this site.
    static func authenticator() throws -> SoftAuthenticator {
        try SoftAuthenticator(relyingPartyID: "id.example", origin: "https://id.example")
    }

    /// What the script of a page asks the site before it asks the authenticator.
    static func options(_ browser: TestBrowser, _ page: Page) async throws -> Page {
        let address = try #require(page.attribute("data-options=\""))
        let token = try #require(page.attribute("data-token=\""))
        return await browser.post(address, ["csrf": token, "place": page.attribute("data-place=\"") ?? ""])
    }

    /// What the page's form posts once the authenticator has answered.
    static func fields(_ options: Page, _ answer: String) throws -> [String: String] {
        ["passkey": answer, "passkey-challenge": try #require(options.json["challenge"]?.string)]
    }

    /// Adds a passkey on the security page; answers the page that follows.
    func addPasskey(
        _ browser: TestBrowser, _ key: inout SoftAuthenticator, name: String = "my key"
    ) async throws -> Page {
        let page = await openAccount(browser, "/account/security")
        let options = try await TestSite.options(browser, page)
        #expect(options.status == 200)
        let answer = try key.answer(creation: options.text)
        let fields = try TestSite.fields(options, answer)
            .merging(["csrf": try #require(page.hiddenFields["csrf"]), "name": name]) { $1 }
        return await browser.post("/account/security/passkeys/add", fields)
    }

    /// Answers a page that takes a passkey; answers what follows.
    func usePasskey(_ browser: TestBrowser, _ page: Page, _ key: inout SoftAuthenticator) async throws -> Page {
        let options = try await TestSite.options(browser, page)
        #expect(options.status == 200)
        return await browser.submit(page, try TestSite.fields(options, try key.answer(request: options.text)))
    }
}
