import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("Where people are sent")
struct AuthorizationAddressTests {
    private func query(
        _ setup: FederationSetup, _ upstream: Upstream, _ wishes: Upstream.Wishes = Upstream.Wishes()
    ) async throws -> FormParameters {
        try ScriptedUpstream.query(
            of: try await upstream.authorizationAddress(for: "test", in: .numbered(1), wishes))
    }

    @Test(.spec("OpenID Connect Core §3.1.2.1"))
    func itHasStateNonceAndChallenge() async throws {
        let setup = try FederationSetup()
        let form = try await query(setup, try setup.upstream())
        #expect(form[Parameter("response_type")] == "code" && form[Parameter("client_id")] == "martlet")
        #expect(form[Parameter("redirect_uri")] == "https://id.example/federation/login/callback")
        #expect(form[Parameter("scope")] == "openid profile email")
        #expect(form[Parameter("code_challenge_method")] == "S256")
        #expect(form[Parameter("code_challenge")]?.count == 43 && (form[Parameter("nonce")]?.count ?? 0) >= 32)
        #expect(form[Parameter("prompt")] == nil && form[Parameter("login_hint")] == nil)
        // What is sealed says nothing to whoever sees the address.
        #expect(form[Parameter("state")]?.contains("test") == false)
    }

    @Test func noTwoAreAlike() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let (first, second) = (try await query(setup, upstream), try await query(setup, upstream))
        for name in ["state", "nonce", "code_challenge"] {
            #expect(first[Parameter(name)] != second[Parameter(name)], "\(name)")
        }
    }

    @Test func whatSomebodyWishesIsPassedOn() async throws {
        let setup = try FederationSetup()
        var wishes = Upstream.Wishes()
        wishes.loginHint = "ada@example.org"
        wishes.isFresh = true
        let form = try await query(setup, try setup.upstream(), wishes)
        #expect(form[Parameter("login_hint")] == "ada@example.org")
        #expect(form[Parameter("prompt")] == "login" && form[Parameter("max_age")] == "0")
    }

    // Whoever asked decides what comes of it: not every page wants a fresh proof.
    @Test func aProviderThatDidNotAskAgainIsKnownToHaveNot() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        var wishes = Upstream.Wishes()
        wishes.isFresh = true
        var person = ScriptedPerson()
        person.claims["auth_time"] = .integer(setup.clock.now.seconds - 3600)
        func identity(_ wishes: Upstream.Wishes) async throws -> UpstreamIdentity {
            try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person, wishes)
        }
        let stale = try await identity(wishes)
        #expect(stale.isStale && stale.provenAt?.seconds == setup.clock.now.seconds - 3600)
        // Nobody minds where nothing fresh was asked for, or where it was fresh.
        #expect(try await !identity(Upstream.Wishes()).isStale)
        person.claims["auth_time"] = .integer(setup.clock.now.seconds)
        #expect(try await !identity(wishes).isStale)
    }

    @Test(arguments: [(nil, nil), (-3600, -3600), (-5, -5), (3600, 0)] as [(Int64?, Int64?)])
    func aProofIsAsOldAsTheProviderSays(_ stated: Int64?, _ expected: Int64?) async throws {
        let setup = try FederationSetup()
        let now = setup.clock.now.seconds
        var person = ScriptedPerson()
        if let stated { person.claims["auth_time"] = .integer(now + stated) }
        let identity = try await ScriptedBrowser().signIn(try setup.upstream(), at: setup.provider, as: person)
        #expect(identity.provenAt?.seconds == expected.map { now + $0 })
    }

    // Clocks differ a little: whoever was asked after we sent them counts from then.
    @Test func aFreshProofIsNoOlderThanTheQuestion() async throws {
        let setup = try FederationSetup()
        var wishes = Upstream.Wishes()
        wishes.isFresh = true
        var person = ScriptedPerson()
        person.claims["auth_time"] = .integer(setup.clock.now.seconds - 20)
        let identity = try await ScriptedBrowser().signIn(
            try setup.upstream(), at: setup.provider, as: person, wishes)
        #expect(identity.provenAt == setup.clock.now)
    }

    @Test(arguments: [(true, ["mfa", "phr there"]), (true, []), (false, ["mfa"])] as [(Bool, [String])])
    func twoFactorsAreAskedForByTheNameThatTheConnectorHas(_ isWanted: Bool, _ names: [String]) async throws {
        let setup = try FederationSetup()
        var wishes = Upstream.Wishes()
        wishes.wantsSecondFactor = isWanted
        let settings: JSONObject = ["second_factor": "stated", "second_factor_acr": .array(names.map { .string($0) })]
        let form = try await query(setup, try setup.upstream(settings: settings), wishes)
        #expect(form[Parameter("acr_values")] == (isWanted && !names.isEmpty ? names.joined(separator: " ") : nil))
    }

    @Test func anOperatorsParametersOverruleNothing() async throws {
        let setup = try FederationSetup()
        let form = try await query(
            setup, try setup.upstream(settings: ["parameters": ["prompt": "select_account", "resource": "a b"]]))
        #expect(form[Parameter("prompt")] == "select_account" && form[Parameter("resource")] == "a b")
        #expect(throws: SettingsFault.self) { try setup.upstream(settings: ["parameters": ["state": "fixed"]]) }
    }
}
