import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("How strong a sign-in is", .spec("OpenID Connect Core §5.5.1.1", "RFC 9470 §5"))
struct AuthenticationLadderTests {
    private static let app = AuthenticationContext.multipleFactors.rawValue
    private static let passkey = AuthenticationContext.phishingResistant.rawValue

    private static func essential(_ name: String) -> String {
        #"{"id_token": {"acr": {"essential": true, "values": ["\#(name)"]}}}"#
    }

    /// A person who has an authenticator app.
    private static func secure(_ server: TestServer) async throws {
        let user = server.user.id.rawValue
        _ = try await server.storage.secondFactors.authenticators.propose(.withEveryFieldSet(user: user))
    }

    /// The browser after a sign-in with two factors.
    private static func signInTwice(_ server: TestServer, in browser: Browser) async throws -> Browser {
        let now = server.clock.now
        let session = Session(
            digest: TokenDigest(of: server.environment.newSecret()),
            id: SessionID(rawValue: server.environment.newSecret()),
            userID: server.user.id, authenticatedAt: now,
            methods: [.password, .oneTimePassword, .multipleFactors], startedAt: now, lastUsedAt: now, device: nil,
            network: nil, expiresAt: now + .seconds(3600))
        try await server.storage.sessions.start(session, replacing: browser.session?.digest)
        return Browser(secret: browser.secret, session: session)
    }

    @Test(.spec("A-43"))
    func whatIsEssentialIsReachedByASecondFactor() async throws {
        let server = try await TestServer()
        try await Self.secure(server)
        let browser = try await server.signIn()
        _ = try await server.authorize(in: browser)
        let changes: [Parameter: String?] = [.claims: Self.essential(Self.app)]
        let silent = try await server.decide(changes.merging([.prompt: "none"]) { $1 }, from: browser).answer
        #expect(silent?[.error] == "login_required")
        let id = try #require(try await server.decide(changes, from: browser).interaction)
        let interactions = Interactions(server.environment)
        guard case .signIn(let pending) = try await interactions.step(of: id, from: browser) else {
            Issue.record("no sign-in page")
            return
        }
        #expect(pending.wantsSecondFactor)
        // The password once more is not enough.
        let weak = try await server.signIn(in: browser)
        #expect(try await interactions.choose(#require(weak.session), for: id, from: weak).name == "sign-in")
        let strong = try await Self.signInTwice(server, in: weak)
        let answer = try await interactions.choose(#require(strong.session), for: id, from: strong).answer
        let tokens = try await server.redeem(try #require(answer?[.code]))
        #expect(try tokens.idClaims?["acr"]?.string == Self.app)
        #expect(try tokens.accessClaims["acr"]?.string == Self.app)
    }

    /// A service found the token too weak and its sign-in too old, and said so: RFC 9470 §3, §4.
    @Test(.spec("U-13", "RFC 9470 §4", "RFC 9470 §5", "RFC 9470 §6.1"))
    func aRequestWithTheWordsOfAChallengeLeadsToATokenThatIsEnough() async throws {
        let server = try await TestServer()
        try await Self.secure(server)
        let browser = try await server.signIn()
        let first = try await server.redeem(try await server.authorize(in: browser))
        #expect(try first.accessClaims["acr"]?.string == AuthenticationContext.password.rawValue)
        let before = try #require(try first.accessClaims["auth_time"]?.integer)
        server.clock.advance(by: .seconds(600))
        let demand: [Parameter: String?] = [.acrValues: Self.app, .maxAge: "300"]
        let id = try #require(try await server.decide(demand, from: browser).interaction)
        let strong = try await Self.signInTwice(server, in: browser)
        let answer = try await Interactions(server.environment)
            .choose(#require(strong.session), for: id, from: strong).answer
        let claims = try await server.redeem(try #require(answer?[.code])).accessClaims
        #expect(claims["acr"]?.string == Self.app)
        #expect(try #require(claims["auth_time"]?.integer) >= before + 600)
        // With a person who can do no better the client is told what it gets instead, or that it gets nothing.
        let other = try await TestServer()
        let weak = try await other.signIn()
        let refused = try await other.decide([.claims: Self.essential(Self.app)], from: weak).answer
        #expect(refused?.refusal == .unmetAuthenticationRequirements)
    }

    @Test(.spec("A-43"), arguments: [passkey, app, "urn:nobody:knows"])
    func whatIsEssentialAndOutOfReachIsRefused(_ name: String) async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        _ = try await server.authorize(in: browser)
        for prompt in [nil, "none"] {
            let answer = try await server.decide(
                [.claims: Self.essential(name), .prompt: prompt], from: browser
            ).answer
            #expect(answer?[.error] == "unmet_authentication_requirements")
        }
        // Whoever has not signed in yet learns it afterwards.
        let late = try await server.authorization([.claims: Self.essential(name)])
        #expect(late[.error] == "unmet_authentication_requirements")
        #expect(late[.state] == "af0ifjsldkj")
        let own = Self.essential(AuthenticationContext.password.rawValue)
        #expect(try await server.decide([.claims: own], from: browser).answer?[.code] != nil)
    }

    @Test(.spec("A-44"))
    func whatIsWantedIsTriedOnceAndOnlyWhereItCanBeReached() async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        _ = try await server.authorize(in: browser)
        let wish: [Parameter: String?] = [.acrValues: "urn:unknown \(Self.app)"]
        let answer = try #require(try await server.decide(wish, from: browser).answer)
        let tokens = try await server.redeem(try #require(answer[.code]))
        #expect(try tokens.idClaims?["acr"]?.string == AuthenticationContext.password.rawValue)

        try await Self.secure(server)
        let id = try #require(try await server.decide(wish, from: browser).interaction)
        let interactions = Interactions(server.environment)
        #expect(try await interactions.step(of: id, from: browser).name == "sign-in")
        let weak = try await server.signIn(in: browser)
        #expect(try await interactions.choose(#require(weak.session), for: id, from: weak).answer?[.code] != nil)
        #expect(try await server.decide([.acrValues: "urn:unknown"], from: weak).answer?[.code] != nil)
    }

    @Test(.spec("J-06"))
    func whatIsStrongerIsGoodForLessAndToldByTheNameThatWasAskedFor() async throws {
        let server = try await TestServer()
        let browser = try await Self.signInTwice(server, in: server.browser())
        _ = try await server.authorize(in: browser)
        let password = AuthenticationContext.password.rawValue
        for (asked, told) in [(password, password), ("\(Self.passkey) \(password)", password), ("urn:x", Self.app)] {
            let answer = try #require(try await server.decide([.acrValues: asked], from: browser).answer)
            let tokens = try await server.redeem(try #require(answer[.code]))
            #expect(try tokens.idClaims?["acr"]?.string == told, "\(asked)")
            // And so it stays.
            #expect(try await server.refresh(tokens.refreshToken).idClaims?["acr"]?.string == told)
        }
    }

    @Test func namesAreTheOperatorsChoice() async throws {
        var policy = Policy()
        let names: [AuthenticationContext: [String]] = [.password: ["low", "loa1"], .multipleFactors: ["high"]]
        policy.ladder = try #require(AuthenticationLadder(naming: names))
        #expect(policy.ladder.allNames == ["low", "loa1", "high", "phr"])
        let server = try await TestServer(policy: policy)
        let browser = try await server.signIn()
        let tokens = try await server.redeem(server.authorize(in: browser))
        #expect(try tokens.idClaims?["acr"]?.string == "low")
        let answer = try #require(try await server.decide([.acrValues: "loa1"], from: browser).answer)
        #expect(try await server.redeem(try #require(answer[.code])).idClaims?["acr"]?.string == "loa1")
        for wrong in [["a b"], [""], ["phr"], ["x", "x"], ["é"]] {
            #expect(AuthenticationLadder(naming: [.password: wrong]) == nil)
        }
    }
}
