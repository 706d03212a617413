import MartletTesting
import Testing

@testable import Martlet

@Suite("Settings of passkeys", .spec("WebAuthn L3 §5.4.2", "WebAuthn L3 §5.11"))
struct PasskeySettingsTests {
    private func passkeys(_ variables: [String: String]) throws -> PasskeySettings {
        try GivenSettings.serve(variables).passkeys
    }

    @Test(arguments: [
        ("http://localhost:8080", "localhost"), ("https://login.example.com", "login.example.com"),
        ("https://login.example.com:8443/path", "login.example.com"),
    ])
    func theDomainIsTheHostOfTheIssuer(_ issuer: String, _ domain: String) throws {
        #expect(try passkeys(["MARTLET_ISSUER": issuer]).domain == domain)
        #expect(try passkeys(["MARTLET_ISSUER": issuer, "MARTLET_PASSKEY_DOMAIN": domain]).domain == domain)
    }

    @Test(arguments: ["http://127.0.0.1:8080", "http://[::1]:8080"])
    func anAddressHasNoPasskeys(_ issuer: String) throws {
        #expect(try passkeys(["MARTLET_ISSUER": issuer]).domain == nil)
        #expect(GivenSettings.problems(["MARTLET_ISSUER": issuer, "MARTLET_PASSKEY_DOMAIN": "127.0.0.1"]).count == 1)
    }

    @Test func itMayBeADomainAboveThatHostAndNoOther() throws {
        let issuer = ["MARTLET_ISSUER": "https://login.example.com"]
        let above = issuer.merging(["MARTLET_PASSKEY_DOMAIN": "example.com"]) { $1 }
        #expect(try passkeys(above).domain == "example.com")
        for other in ["com", "example.org", "ogin.example.com", "x.login.example.com", "Example.com", ""] {
            let problems = GivenSettings.problems(issuer.merging(["MARTLET_PASSKEY_DOMAIN": other]) { $1 })
            #expect(problems.count == 1, "\(other)")
        }
    }

    @Test func furtherOriginsAreOrigins() throws {
        #expect(try passkeys([:]).relatedOrigins.isEmpty)
        let issuer = ["MARTLET_ISSUER": "https://login.example.com"]
        let two = "https://login.example.net, https://login.example.com,https://a.example:8443"
        let settings = try passkeys(issuer.merging(["MARTLET_PASSKEY_ORIGINS": two]) { $1 })
        #expect(settings.relatedOrigins == ["https://login.example.net", "https://a.example:8443"])
        for other in [
            "http://login.example.net", "https://login.example.net/", "https://a.example/b", "a.example", "*",
        ] {
            let problems = GivenSettings.problems(issuer.merging(["MARTLET_PASSKEY_ORIGINS": other]) { $1 })
            #expect(problems.count == 1, "\(other)")
        }
    }
}
