import AuthorizationServer
import FederationTesting
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("A strength that is reached at a provider alone", .spec("OpenID Connect Core §5.5.1.1"))
struct StrongConnectorTests {
    /// Somebody with a password and a link, and without a second factor here.
    private func linked(_ settings: JSONObject) async throws -> (FederationSite, TestBrowser) {
        let site = try await FederationSite(settings)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada-there", userID: site.test.user.id, email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        let browser = TestBrowser(site.test)
        #expect(await site.test.openAccount(browser).status == 200)
        return (site, browser)
    }

    private func address(_ site: FederationSite, essential: Bool = true, _ more: [String: String?] = [:]) -> String {
        let context = AuthenticationContext.multipleFactors.rawValue
        let wish = #"{"id_token":{"acr":{"essential":\#(essential),"value":"\#(context)"}}}"#
        return site.test.authorize(["claims": wish].merging(more) { $1 })
    }

    private func person(_ methods: [String]) -> ScriptedPerson {
        var person = ScriptedPerson("ada-there", email: TestSite.email)
        person.claims["amr"] = .array(methods.map { .string($0) })
        return person
    }

    private static let trusting: JSONObject = [
        "second_factor": "stated", "second_factor_acr": ["urn:two", "urn:three"],
    ]

    @Test func whoCanReachItThereIsSentThere() async throws {
        let (site, browser) = try await linked(Self.trusting)
        let away = try #require(await browser.follow(address(site)).location)
        let form = try ScriptedUpstream.query(of: away)
        #expect(away.hasPrefix(site.provider.issuer) && form[Parameter("acr_values")] == "urn:two urn:three")
        #expect(form[Parameter("prompt")] == "login" && form[Parameter("max_age")] == "0")
        // Not done there: the page says so, and has the way once more.
        let once = try site.provider.authorize(away, as: person(["pwd"]))
        let weak = await browser.follow("/federation/login/callback?\(once)")
        #expect(weak.text.contains("did not ask you for a second factor"))
        let button = try #require(weak.address(of: "/with/login"))
        let again = try #require(await browser.get(button).location)
        let twice = try site.provider.authorize(again, as: person(["pwd", "mfa"]))
        let end = await browser.follow("/federation/login/callback?\(twice)")
        let code = try #require(end.answer?[.code])
        let idToken = try #require(await site.test.redeem(code).json["id_token"]?.string)
        let claims = try UnverifiedJWT(parsing: idToken).unverifiedClaims()
        #expect(claims["acr"]?.string == AuthenticationContext.multipleFactors.rawValue)
    }

    @Test(
        arguments: [
            ["second_factor": "never"], [:], ["second_factor": "stated", "clients": ["another"]],
        ] as [JSONObject])
    func whoCannotReachItThereIsRefused(_ settings: JSONObject) async throws {
        let (site, browser) = try await linked(settings)
        #expect(await browser.follow(address(site)).answer?[.error] == "unmet_authentication_requirements")
    }

    @Test func norWhereTheConnectorIsDisabled() async throws {
        let (site, browser) = try await linked(Self.trusting)
        let connectors = site.test.environment.storage.connectors
        var connector = try #require(try await connectors.find(ConnectorID(rawValue: "login")))
        connector.disabledAt = .noon
        #expect(try await connectors.replace(connector))
        #expect(await browser.follow(address(site)).answer?[.error] == "unmet_authentication_requirements")
    }

    // Without a page nobody can be sent anywhere; and for what is not demanded nobody is.
    @Test func nobodyIsSentThereForLess() async throws {
        let (site, browser) = try await linked(Self.trusting)
        let silent = await browser.follow(address(site, ["prompt": "none"]))
        #expect(silent.answer?[.error] == "login_required")
        #expect(await browser.follow(address(site, essential: false)).answer?[.code] != nil)
        // Nor who has a second factor here.
        _ = try await site.test.turnOn(browser)
        browser.cookies["__Host-martlet-session"] = nil
        let page = await site.test.passwordDone(browser)
        #expect(page.text.contains("name=\"code\""))
    }
}
