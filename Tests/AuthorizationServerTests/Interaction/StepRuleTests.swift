import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("Which step is next", .spec("OpenID Connect Core §3.1.2.3"))
struct StepRuleTests {
    /// One situation; everything that is not named is in order: signed in a minute ago, everything allowed before.
    struct Situation: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var parameters: [Parameter: String] = [:]
        var client = Client.confidential()
        var signedInAgo: Int64? = 60
        /// The interaction began that long ago, with the session chosen in it or not.
        var interaction: (ago: Int64, isChosen: Bool)?
        var remembered: ScopeSet = [.openid, .profile]
        var expected: StepRule.Need
    }

    static let situations = [
        Situation(testDescription: "nothing to do", expected: .nothing),
        Situation(testDescription: "nobody signed in", signedInAgo: nil, expected: .signIn),
        // consent
        Situation(testDescription: "never allowed", remembered: [], expected: .consent(new: [.openid, .profile])),
        Situation(testDescription: "allowed less", remembered: [.openid], expected: .consent(new: [.profile])),
        Situation(testDescription: "allowed more", remembered: [.openid, .profile, .email], expected: .nothing),
        Situation(
            testDescription: "first party", client: .confidential(party: .first), remembered: [], expected: .nothing),
        Situation(
            testDescription: "first party and prompt=consent", parameters: [.prompt: "consent"],
            client: .confidential(party: .first), expected: .consent(new: [.openid, .profile])),
        Situation(
            testDescription: "prompt=consent though allowed", parameters: [.prompt: "consent"],
            expected: .consent(new: [.openid, .profile])),
        Situation(
            testDescription: "public web client of the operator", client: .open(party: .first), expected: .nothing),
        Situation(testDescription: "public web client, allowed", client: .open(), expected: .nothing),
        Situation(
            testDescription: "native client on a loopback address", client: native("http://127.0.0.1/cb"),
            expected: .consent(new: [.openid, .profile])),
        Situation(
            testDescription: "native client on localhost", client: native("http://localhost:3000/cb"),
            expected: .consent(new: [.openid, .profile])),
        Situation(
            testDescription: "native client with a scheme of its own", client: native("com.example.app:/cb"),
            expected: .consent(new: [.openid, .profile])),
        Situation(
            testDescription: "native client that asks for more", client: native("com.example.app:/cb"),
            remembered: [.openid], expected: .consent(new: [.profile])),
        Situation(
            testDescription: "confidential client on a loopback address",
            client: .confidential(redirectURIs: ["http://127.0.0.1/cb"]), expected: .nothing),
        // prompt=login
        Situation(testDescription: "prompt=login", parameters: [.prompt: "login"], expected: .signIn),
        Situation(
            testDescription: "prompt=login, signed in for it", parameters: [.prompt: "login"], signedInAgo: 5,
            interaction: (10, true), expected: .nothing),
        Situation(
            testDescription: "prompt=login, signed in at the same instant", parameters: [.prompt: "login"],
            signedInAgo: 10, interaction: (10, true), expected: .nothing),
        Situation(
            testDescription: "prompt=login, chosen without signing in", parameters: [.prompt: "login"],
            interaction: (10, true), expected: .signIn),
        Situation(
            testDescription: "prompt=login, signed in for something else", parameters: [.prompt: "login"],
            signedInAgo: 5, interaction: (10, false), expected: .signIn),
        Situation(
            testDescription: "prompt=login consent", parameters: [.prompt: "login consent"], signedInAgo: 5,
            interaction: (10, true), expected: .consent(new: [.openid, .profile])),
        // max_age
        Situation(testDescription: "max_age just enough", parameters: [.maxAge: "60"], expected: .nothing),
        Situation(testDescription: "max_age too little", parameters: [.maxAge: "59"], expected: .signIn),
        Situation(testDescription: "max_age=0", parameters: [.maxAge: "0"], signedInAgo: 0, expected: .signIn),
        Situation(
            testDescription: "max_age=0, signed in for it", parameters: [.maxAge: "0"], signedInAgo: 5,
            interaction: (10, true), expected: .nothing),
        Situation(
            testDescription: "max_age beyond everything", parameters: [.maxAge: "9999999999"], expected: .nothing),
        // select_account
        Situation(
            testDescription: "prompt=select_account", parameters: [.prompt: "select_account"], expected: .selectAccount),
        Situation(
            testDescription: "prompt=select_account, chosen", parameters: [.prompt: "select_account"],
            interaction: (10, true), expected: .nothing),
        Situation(
            testDescription: "prompt=select_account, nobody signed in", parameters: [.prompt: "select_account"],
            signedInAgo: nil, expected: .signIn),
        Situation(
            testDescription: "prompt=select_account login, chosen", parameters: [.prompt: "select_account login"],
            interaction: (10, true), expected: .signIn),
        Situation(
            testDescription: "prompt=select_account consent", parameters: [.prompt: "select_account consent"],
            expected: .selectAccount),
        Situation(
            testDescription: "prompt=select_account before consent", parameters: [.prompt: "select_account"],
            remembered: [], expected: .selectAccount),
    ]

    private static func native(_ address: String) -> Client {
        .open(redirectURIs: [address], party: .first)
    }

    @Test(.spec("A-32", "A-33", "A-34", "A-35", "A-38", "A-97", "RFC 8252 §8.6"), arguments: situations)
    func followsFromWhatIsKnown(_ situation: Situation) async throws {
        #expect(try await need(situation) == situation.expected)
    }

    @Test(.spec("A-40"))
    func isToSignInWhenSomebodyElseIsExpected() async throws {
        let situation = Situation(testDescription: "", expected: .nothing)
        #expect(try await need(situation, isExpected: true) == .nothing)
        #expect(try await need(situation, isExpected: false) == .signIn)
    }

    private func need(_ situation: Situation, isExpected: Bool = true) async throws -> StepRule.Need {
        let server = try await TestServer()
        let client = situation.client
        let form = try FormParameters(decoding: server.request(situation.parameters.mapValues { $0 }, for: client))
        let now = server.clock.now
        let session = situation.signedInAgo.map { ago in
            Session(
                digest: .numbered(1), id: SessionID(rawValue: "sid"), userID: server.user.id,
                authenticatedAt: now - .seconds(ago), methods: [.password], startedAt: now,
                lastUsedAt: now, device: nil, network: nil, expiresAt: now + .seconds(3600)
            )
        }
        let interaction = situation.interaction.map { begun in
            Interaction(
                digest: .numbered(2), browser: .numbered(3), clientID: client.id, request: "",
                createdAt: now - .seconds(begun.ago), expiresAt: now + .seconds(60),
                sessionID: begun.isChosen ? SessionID(rawValue: "sid") : nil, finishedAt: nil
            )
        }
        return StepRule(
            request: try AuthorizationRequest(
                form, from: client, knownScopes: client.scopes, in: server.environment),
            client: client, redirectURI: client.redirectURIs[0], session: session,
            isExpected: isExpected, interaction: interaction,
            remembered: situation.remembered, ladder: .standard, strongest: .password, now: now
        ).need
    }
}
