import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("Settings of connectors")
struct SettingsTests {
    private func fault(
        _ settings: JSONObject, preset: String? = nil, kind: Connector.Kind = .openID
    ) throws
        -> SettingsFault?
    {
        let setup = try FederationSetup()
        do throws(SettingsFault) {
            _ = try ConnectorSettings(completing: connector(setup, settings, preset, kind))
            return nil
        } catch {
            return error
        }
    }

    private func connector(
        _ setup: FederationSetup, _ settings: JSONObject, _ preset: String?, _ kind: Connector.Kind
    ) -> Connector {
        Connector(
            id: ConnectorID(rawValue: "c"), kind: kind, preset: preset, name: "C",
            settings: String(decoding: settings.jsonBytes(), as: UTF8.self), sealedSecret: nil, position: 0,
            createdAt: .noon, updatedAt: .noon, disabledAt: nil)
    }

    static let good: JSONObject = ["client_id": "x", "issuer": "https://login.example"]

    @Test(
        arguments: [
            (#"{"client_ID":"x"}"#, SettingsFault.unknown("client_ID")),
            (#"{"client_id":5}"#, .wrong("client_id", needs: "a text of 1 to 512 bytes without control characters")),
            (#"{"issuer":"http://login.example"}"#, .insecure("issuer")),
            (#"{"issuer":"http://localhost.evil.example"}"#, .insecure("issuer")),
            (#"{"claims":{"mail":"m"}}"#, .unknown("claims.mail")),
            (#"{"email_verified":"maybe"}"#, .wrong("email_verified", needs: "one of stated, always, never")),
            (#"{"may_create":"yes"}"#, .wrong("may_create", needs: "true or false")),
            (
                #"{"domains":["@example.org"]}"#,
                .wrong("domains", needs: "a list of domains in small letters, without @")
            ),
            (#"{"scopes":["email"]}"#, .wrong("scopes", needs: "a list with openid in it")),
        ] as [(String, SettingsFault)])
    func whatIsWrongIsNamed(_ change: String, _ expected: SettingsFault) throws {
        var settings = SettingsTests.good
        for member in try JSONObject(parsing: Array(change.utf8)) { settings[member.name] = member.value }
        #expect(try fault(settings) == expected)
        #expect(try fault(SettingsTests.good) == nil)
        #expect(try fault(["client_id": "x", "issuer": "http://localhost:8080"]) == nil)
    }

    @Test(arguments: [
        ("entra", "tenant"), ("okta", "tenant"), ("auth0", "tenant"), ("cognito", "tenant"), ("keycloak", "issuer"),
        ("martlet", "issuer"), ("apple", "team_id"),
    ])
    func aPresetSaysWhatItLacks(_ preset: String, _ member: String) throws {
        #expect(try fault(["client_id": "x"], preset: preset) == .missing(member))
    }

    @Test func everyPresetIsWholeWithWhatItAsksFor() throws {
        for preset in Preset.all {
            var settings: JSONObject = ["client_id": "x", "team_id": "T", "key_id": "K"]
            settings["tenant"] = preset.name == "cognito" ? "eu-central-1_AbC" : "example.com"
            if ["keycloak", "martlet"].contains(preset.name) { settings["issuer"] = "https://login.example" }
            #expect(try fault(settings, preset: preset.name, kind: preset.kind) == nil, "\(preset.name)")
            #expect(try fault(settings, preset: preset.name, kind: .ldap) == .unknownPreset(preset.name))
        }
        #expect(Set(Preset.all.map(\.name)).count == Preset.all.count)
    }

    @Test func anOperatorsWordWinsOverThePreset() throws {
        let settings: JSONObject = ["client_id": "x", "scopes": ["openid"], "client_authentication": "none"]
        let setup = try FederationSetup()
        let whole = try ConnectorSettings(completing: connector(setup, settings, "google", .openID))
        #expect(whole.scopes == ["openid"] && whole.authentication == ConnectorSettings.Authentication.none)
        #expect(whole.issuer == "https://accounts.google.com")
    }

    @Test func whatGoogleKeepsCanBeRenewed() throws {
        func parameters(_ settings: JSONObject) throws -> [String: String]? {
            var all: JSONObject = ["client_id": "x"]
            for member in settings { all[member.name] = member.value }
            return try ConnectorSettings(completing: connector(try FederationSetup(), all, "google", .openID))
                .parameters
        }
        #expect(try parameters([:]) == nil)
        #expect(try parameters(["keep_tokens": true]) == ["access_type": "offline"])
        #expect(
            try parameters(["keep_tokens": true, "tenant": "example.com"])
                == ["access_type": "offline", "hd": "example.com"])
    }

    @Test(arguments: ["require", "tenants", "issuer_template", "nonce", "jwks_uri", "second_factor"])
    func whatWouldRestrictNobodyIsRefused(_ member: String) throws {
        let values: JSONObject = [
            "require": ["hd": "example.org"], "tenants": ["t"], "issuer_template": "https://x.example/{tenantid}",
            "nonce": false, "jwks_uri": "https://x.example/keys", "second_factor": "stated",
        ]
        var settings: JSONObject = ["client_id": "x"]
        #expect(try fault(settings, preset: "github", kind: .oauth2) == nil)
        settings[member] = values[member]
        #expect(
            try fault(settings, preset: "github", kind: .oauth2)
                == .wrong(member, needs: "left out: OAuth 2.0 has no ID tokens"))
    }

    // Whoever gets hold of a code would sign in by it as its owner.
    @Test(.spec("RFC 9700 §2.1.1"))
    func somethingTiesACodeToWhoBegan() throws {
        let refused = SettingsFault.wrong(
            "pkce", needs: "true where no nonce ties the code to who began: one of the two, at least")
        func found(_ change: JSONObject, preset: String? = nil, kind: Connector.Kind = .openID) throws -> SettingsFault?
        {
            var settings: JSONObject = preset == nil ? SettingsTests.good : ["client_id": "x"]
            for member in change { settings[member.name] = member.value }
            return try fault(settings, preset: preset, kind: kind)
        }
        #expect(try found(["pkce": false, "nonce": false]) == refused)
        #expect(try found(["pkce": false, "nonce": false], preset: "google") == refused)
        #expect(try found(["pkce": false], preset: "github", kind: .oauth2) == refused)
        #expect(try found(["pkce": false]) == nil)
        #expect(try found(["nonce": false]) == nil)
        #expect(try found([:], preset: "github", kind: .oauth2) == nil)
        // It knows neither.
        #expect(try found([:], preset: "linkedin") == nil)
    }

    @Test func tenantsAreOfProvidersThatServeMany() throws {
        let settings: JSONObject = ["client_id": "x", "tenants": ["t"], "tenant": "common"]
        #expect(try fault(settings, preset: "entra") == nil)
        var capital = settings
        capital["tenants"] = ["T"]
        #expect(try fault(capital, preset: "entra") == .wrong("tenants", needs: "in small letters"))
        #expect(
            try fault(settings, preset: "google")
                == .wrong("tenants", needs: "left out where the issuer has one tenant alone"))
    }

    @Test func whatAPresetAsksForStaysBesideTheOperators() throws {
        let settings: JSONObject = [
            "client_id": "x", "tenant": "example.com", "require": ["email_verified": "true", "hd": "evil.example"],
        ]
        let whole = try ConnectorSettings(completing: connector(try FederationSetup(), settings, "google", .openID))
        #expect(whole.requiredClaims == ["email_verified": "true", "hd": "example.com"])
    }

    @Test(arguments: ["example.com/x", "https://x", "a b", "é"])
    func aTenantCannotMakeTheAddressAnother(_ tenant: String) throws {
        for preset in ["entra", "okta", "auth0", "cognito", "gitlab", "google"] {
            let found = try fault(["client_id": "x", "tenant": .string(tenant)], preset: preset)
            #expect(
                found == .wrong("tenant", needs: "a word or a host name, without https:// and slashes"), "\(preset)")
        }
    }

    @Test(arguments: [
        ("google", true), ("a-1", true), ("A", false), ("1a", false), ("a--b", false), ("a-", false),
        ("", false), ("é", false), (String(repeating: "a", count: 33), false),
    ])
    func identifiersAreWords(_ word: String, _ isFit: Bool) {
        #expect((ConnectorID(word: word) != nil) == isFit)
    }

    @Test func domainsAreComparedWhole() {
        var policy = ConnectorPolicy()
        #expect(policy.admits(address: nil))
        policy.domains = ["example.org"]
        #expect(policy.admits(address: "ada@example.org"))
        for other in ["ada@evil-example.org", "ada@example.org.evil", "ada@sub.example.org", nil, "example.org"] {
            #expect(!policy.admits(address: other))
        }
    }
}
