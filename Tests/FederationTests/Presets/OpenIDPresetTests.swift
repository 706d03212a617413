import FederationTesting
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("Presets of OpenID Connect, by tokens of the shapes that their documentation shows")
struct OpenIDPresetTests {
    /// Signs in by a preset at a provider of that issuer; `member` changes its discovery document.
    private func identity(
        _ preset: String, issuer: String, settings: JSONObject = [:], discovery: JSONObject = [:],
        as person: ScriptedPerson
    ) async throws -> UpstreamIdentity {
        let setup = try FederationSetup(issuer: issuer)
        var announced: JSONObject = ["authorization_response_iss_parameter_supported": false]
        for member in discovery { announced[member.name] = member.value }
        setup.provider.announce(announced)
        let upstream = try setup.upstream(preset, preset: preset, settings: settings)
        let browser = ScriptedBrowser()
        let address = try await upstream.authorizationAddress(for: "test", in: browser.digest)
        let full = try ScriptedUpstream.query(of: "?" + (try setup.provider.authorize(address, as: person)))
        // None of these names its issuer in the answer.
        let query = ScriptedUpstream.encode([
            ("code", full[Parameter("code")] ?? ""), ("state", full[Parameter("state")] ?? ""),
        ])
        return try await browser.finish(try ScriptedBrowser.answer(query), at: upstream)
    }

    static let google = ScriptedPerson(claims: [
        "azp": "martlet", "sub": "10769150350006150715113082367", "email": "ada@gmail.example",
        "email_verified": true, "name": "Ada Lovelace", "picture": "https://lh3.example/a/photo.jpg",
        "given_name": "Ada", "family_name": "Lovelace", "locale": "en",
    ])

    @Test func google() async throws {
        let identity = try await identity(
            "google", issuer: "https://accounts.google.com", as: OpenIDPresetTests.google)
        #expect(identity.subject == "10769150350006150715113082367" && identity.name == "Ada Lovelace")
        #expect(identity.email?.rawValue == "ada@gmail.example" && identity.isEmailVerified)
    }

    @Test func anOrganizationOfGoogleLetsItsOwnPeopleIn() async throws {
        var member = OpenIDPresetTests.google
        member.claims["hd"] = "example.com"
        _ = try await identity(
            "google", issuer: "https://accounts.google.com", settings: ["tenant": "example.com"], as: member)
        await #expect(throws: UpstreamFault.untrusted(.otherTenant)) {
            try await identity(
                "google", issuer: "https://accounts.google.com", settings: ["tenant": "example.com"],
                as: OpenIDPresetTests.google)
        }
    }

    static let tenant = "b9410318-09af-49c2-b0c3-653adc1f376e"

    static func microsoft(_ tenant: String) -> ScriptedPerson {
        var person = ScriptedPerson(claims: [
            "ver": "2.0", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "name": "Ada Lovelace",
            "preferred_username": "ada@contoso.example", "email": "ada@contoso.example",
            "oid": "00000000-0000-0000-66f3-3332eca7ea81", "tid": .string(tenant), "uti": "x", "rh": "y",
        ])
        person.issuer = "https://login.microsoftonline.com/\(tenant)/v2.0"
        return person
    }

    private func entra(
        _ tenant: String, _ settings: JSONObject = [:], as person: ScriptedPerson
    ) async throws -> UpstreamIdentity {
        var all: JSONObject = ["tenant": .string(tenant)]
        for member in settings { all[member.name] = member.value }
        let template: JSONObject = ["issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"]
        let isShared = tenant == "common" || tenant == "organizations"
        return try await identity(
            "entra", issuer: "https://login.microsoftonline.com/\(tenant)/v2.0", settings: all,
            discovery: isShared ? template : [:], as: person)
    }

    // nOAuth: an address there is what an administrator typed.
    @Test func anAddressOfMicrosoftIsVerifiedWhereItSaysSoAlone() async throws {
        var person = OpenIDPresetTests.microsoft(OpenIDPresetTests.tenant)
        let plain = try await entra(OpenIDPresetTests.tenant, as: person)
        #expect(plain.email?.rawValue == "ada@contoso.example" && !plain.isEmailVerified)
        person.claims["xms_edov"] = true
        #expect(try await entra(OpenIDPresetTests.tenant, as: person).isEmailVerified)
    }

    @Test(arguments: ["common", "organizations"])
    func eachTenantSpeaksForItsOwnPeople(_ shared: String) async throws {
        let other = "11111111-09af-49c2-b0c3-653adc1f376e"
        let first = try await entra(shared, as: OpenIDPresetTests.microsoft(OpenIDPresetTests.tenant))
        let second = try await entra(shared, as: OpenIDPresetTests.microsoft(other))
        #expect(first.subject.hasPrefix(OpenIDPresetTests.tenant + "/") && first.subject != second.subject)
        // Signed by one tenant with the name of another.
        var forged = OpenIDPresetTests.microsoft(OpenIDPresetTests.tenant)
        forged.issuer = "https://login.microsoftonline.com/\(other)/v2.0"
        let lie = forged
        await #expect(throws: UpstreamFault.untrusted(.wrongTokenIssuer)) { try await entra(shared, as: lie) }
    }

    @Test func onlyTheTenantsOfTheListMayCome() async throws {
        let settings: JSONObject = ["tenants": [.string(OpenIDPresetTests.tenant)]]
        _ = try await entra("common", settings, as: OpenIDPresetTests.microsoft(OpenIDPresetTests.tenant))
        for other in ["11111111-09af-49c2-b0c3-653adc1f376e", "evil.example", "../x", ""] {
            await #expect(throws: UpstreamFault.untrusted(.otherTenant)) {
                try await entra("common", settings, as: OpenIDPresetTests.microsoft(other))
            }
        }
    }

    @Test func linkedInRepeatsNoNonceAndTakesNoChallenge() async throws {
        let person = ScriptedPerson(claims: [
            "sub": "782bbtaQ", "email": "ada@example.org", "email_verified": "true", "name": "Ada Lovelace",
            "picture": "https://media.example/x", "given_name": "Ada", "family_name": "Lovelace", "locale": "en_US",
        ])
        let setup = try FederationSetup(issuer: "https://www.linkedin.com/oauth")
        setup.provider.announce(["authorization_response_iss_parameter_supported": false])
        setup.provider.misbehave(.noNonce)
        let upstream = try setup.upstream("linkedin", preset: "linkedin")
        let form = try ScriptedUpstream.query(
            of: try await upstream.authorizationAddress(for: "test", in: .numbered(1)))
        #expect(form[Parameter("code_challenge")] == nil)
        let identity = try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
        #expect(identity.subject == "782bbtaQ" && identity.isEmailVerified)
        // One that it does repeat must be right.
        setup.provider.misbehave(.otherNonce)
        await #expect(throws: UpstreamFault.untrusted(.wrongNonce)) {
            try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
        }
    }

    @Test func appleTakesASignedSecretAndTellsTheNameOnce() async throws {
        let setup = try FederationSetup(issuer: "https://appleid.apple.com")
        setup.provider.announce(["authorization_response_iss_parameter_supported": false])
        let key = try PrivateKeyFile.read(Array(OpenIDPresetTests.pem.utf8))
        let now = setup.clock.now.seconds
        let keys = try JWKSet([try key.named("KEY0123456").publicKey])
        setup.provider.accept { secret in
            guard
                let jwt = try? UnverifiedJWT(parsing: secret).verified(
                    with: keys,
                    as: JWTExpectation(
                        type: .absentOr(.jwt), issuer: .exactly("TEAM012345"),
                        audience: .contains("https://appleid.apple.com"),
                        now: now, leeway: 0))
            else { return false }
            return jwt.claims.subject == "martlet" && jwt.header.keyID == "KEY0123456"
        }
        let upstream = try setup.upstream(
            "apple", preset: "apple", settings: ["team_id": "TEAM012345", "key_id": "KEY0123456"],
            secret: OpenIDPresetTests.pem)
        let person = ScriptedPerson(claims: [
            "sub": "000792.d71059495fa24644b94e4a644e2e3b4a.0638", "email": "x1y2@privaterelay.appleid.example",
            "email_verified": "true", "is_private_email": "true", "auth_time": .integer(now), "nonce_supported": true,
        ])
        let browser = ScriptedBrowser()
        func come(_ name: String?) async throws -> UpstreamIdentity {
            let address = try await upstream.authorizationAddress(for: "test", in: browser.digest)
            #expect(try ScriptedUpstream.query(of: address)[Parameter("response_mode")] == "form_post")
            let answer = try setup.provider.authorize(address, as: person)
            let user = name.map { "&user=" + FormParameters.encode($0) } ?? ""
            return try await browser.finish(try ScriptedBrowser.answer(answer + user), at: upstream)
        }
        let first = try await come(#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"other@evil.example"}"#)
        #expect(first.name == "Ada Lovelace" && first.isEmailVerified)
        // What stands beside the code is nobody's word: the address is that of the token.
        #expect(first.email?.rawValue == "x1y2@privaterelay.appleid.example")
        #expect(try await come(nil).name == nil)
        #expect(try await come("{").name == nil)
    }

    /// A key made for this test alone.
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoMQIpPY0cm5Z8yua
        TmO35X11mMvi/AqCZvH2vkmb+RWhRANCAAR690m0JLejCN5FV5w0kgOEh+hRh3BS
        blP3l3uFQ67sGvT6EUj1dYDOfXWOXR82Jp3XyCfvRAx43S2U0ZYyB/20
        -----END PRIVATE KEY-----
        """

    @Test(
        arguments: [
            ("gitlab", "https://gitlab.com", [:]), ("gitlab", "https://git.example", ["tenant": "git.example"]),
            ("okta", "https://example.okta.com", ["tenant": "example.okta.com"]),
            ("auth0", "https://example.eu.auth0.com/", ["tenant": "example.eu.auth0.com"]),
            (
                "cognito", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC",
                ["tenant": "eu-central-1_AbC"]
            ),
            ("keycloak", "https://login.example/realms/staff", ["issuer": "https://login.example/realms/staff"]),
            ("martlet", "https://id2.example", ["issuer": "https://id2.example"]),
        ] as [(String, String, JSONObject)])
    func theOthersFindTheirIssuer(_ preset: String, _ issuer: String, _ settings: JSONObject) throws {
        let setup = try FederationSetup()
        #expect(try setup.upstream(preset, preset: preset, settings: settings).settings.issuer == issuer)
    }
}
