import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Testing

/// The modules of `oidcc-dynamic-certification-test-plan` that end with a look at a page.
@Suite("Conformance: Dynamic OP, what people see of a client", .spec("OpenID Connect Registration §2"))
struct PresentationPlanTests {
    @Test("oidcc-registration-logo-uri")
    func logo() async throws {
        var run = try await DynamicRun()
        let logo = ClientPresentationTests.logo
        run.documents.serve(ClientPresentationTests.png, "image/png", at: logo)
        let page = try await ClientPresentationTests.consent(&run, ["logo_uri": .string(logo)])
        let source = try #require(page.attribute("class=\"logo\" src=\""))
        let picture = await run.run.browser.get(source)
        #expect(picture.status == 200 && picture.response.body.bytes == ClientPresentationTests.png)
        try await end(&run, page)
    }

    @Test(
        "A link on the page of consent",
        arguments: [
            ("oidcc-registration-policy-uri", "policy_uri"), ("oidcc-registration-tos-uri", "tos_uri"),
        ])
    func link(_ module: String, _ member: String) async throws {
        var run = try await DynamicRun()
        let address = "https://suite.example/test/\(member)"
        let page = try await ClientPresentationTests.consent(&run, [member: .string(address)])
        #expect(page.text.contains("href=\"\(address)\""), "\(module)")
        try await end(&run, page)
    }

    /// The rest of the module: the person allows it, and the client goes.
    private func end(_ run: inout DynamicRun, _ page: Page) async throws {
        #expect(page.text.contains("id=\"allow\""))
        let answer = try run.run.callback(await run.run.browser.submit(page, ["decision": "allow"]))
        _ = try await run.redeem(try #require(answer[.code]))
        try await run.leave()
    }
}
