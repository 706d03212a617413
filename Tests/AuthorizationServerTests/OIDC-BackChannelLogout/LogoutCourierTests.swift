import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

@Suite("Back-channel logout", .spec("OpenID Connect Back-Channel Logout"))
struct LogoutCourierTests {
    /// Clients that answer what they are told to, and keep what they got.
    final class Clients: LogoutTransport {
        struct Call: Sendable {
            let address: String
            let form: FormParameters
            var token: String { form[Parameter("logout_token")] ?? "" }
        }

        struct NoAnswer: Error {}

        private let state = Mutex((calls: [Call](), statuses: [Int]()))

        var calls: [Call] { state.withLock { $0.calls } }

        /// What the next calls are answered with, and 200 from then on; 0 is no answer at all, -1 that nothing was sent.
        func answer(_ statuses: Int...) { state.withLock { $0.statuses = statuses } }

        func post(_ form: [UInt8], to address: WebAddress, of client: Client) async throws -> Int {
            let call = Call(address: address.rawValue, form: try FormParameters(decoding: form))
            let status = state.withLock { state in
                state.calls.append(call)
                return state.statuses.isEmpty ? 200 : state.statuses.removeFirst()
            }
            guard status != -1 else { throw RemoteCongestion() }
            guard status != 0 else { throw NoAnswer() }
            return status
        }
    }

    struct Scene {
        let server: TestServer
        let clients = Clients()
        let outcomes = Outcomes()
        let courier: LogoutCourier
        let browser: Browser

        final class Outcomes: Sendable {
            let all = Mutex<[Outbox.Outcome]>([])
        }

        init(_ change: (inout Client) -> Void = { _ in }, scope: String = "openid") async throws {
            server = try await TestServer()
            var shop = server.client
            shop.metadata.backchannelLogoutURI = WebAddress("https://shop.example/signed-out?tenant=1")
            change(&shop)
            try await server.register(shop)
            browser = try await server.signIn()
            courier = LogoutCourier(server.environment, transport: clients) { [outcomes] _, outcome in
                outcomes.all.withLock { $0.append(outcome) }
            }
            _ = try await tokens(of: shop, scope: scope)
        }

        @discardableResult
        func tokens(of client: Client, scope: String = "openid") async throws -> TokenResponse {
            let code = try await server.authorizeSilently([.scope: scope], for: client, in: browser)
            return try await server.redeem(code, from: client)
        }

        /// Tells everybody what is due.
        func deliver() async throws {
            for client in try await courier.waiting() {
                while try await courier.deliver(to: client) != nil {}
            }
        }

        var notices: [Participation] {
            get async throws { try await server.storage.participations.list(after: nil, limit: 9) }
        }
    }

    @Test(.spec("L-14", "L-15", "Back-Channel Logout §2.4, §2.5"))
    func aClientIsToldWhenTheSessionEnds() async throws {
        let scene = try await Scene()
        try await scene.deliver()
        #expect(scene.clients.calls.isEmpty, "nobody is told while the session goes on")
        let idToken = try UnverifiedJWT(parsing: try #require(try await scene.tokens(of: scene.server.client).idToken))
        try await scene.server.signOut(scene.browser)
        try await scene.deliver()
        let call = try #require(scene.clients.calls.first)
        #expect(call.address == "https://shop.example/signed-out?tenant=1")
        #expect(call.form.names.map(\.rawValue) == ["logout_token"])
        let jwt = try VerifiedJWT(
            call.token, signedBy: try #require(scene.server.environment.keys.published),
            as: JWTExpectation(
                type: .exactly(LogoutToken.type), issuer: .exactly("https://id.example"), audience: .contains("shop"),
                expiry: .required, now: scene.server.clock.now.seconds, leeway: 0))
        let told = try idToken.unverifiedClaims()
        #expect(jwt.claims.subject == told.subject && jwt.claims["sid"] == told["sid"])
        #expect(jwt.claims.issuedAt == scene.server.clock.now.seconds)
        #expect(jwt.claims.expiresAt == scene.server.clock.now.seconds + 120)
        #expect(jwt.claims["jti"]?.string?.utf8.count == 22 && jwt.claims["nonce"] == nil)
        #expect(jwt.claims["events"] == ["http://schemas.openid.net/event/backchannel-logout": [:]])
        // Told once.
        try await scene.deliver()
        #expect(scene.clients.calls.count == 1)
        #expect(try await scene.notices == [])
    }

    @Test("A client is told once of a session that it got many tokens in, and of each session by itself", .spec("L-17"))
    func oncePerSession() async throws {
        let scene = try await Scene()
        try await scene.tokens(of: scene.server.client)
        let other = try await scene.server.signIn()
        _ = try await scene.server.authorizeSilently([.scope: "openid"], for: scene.server.client, in: other)
        #expect(
            try await scene.server.storage.sessions.endAll(
                of: scene.server.user.id, except: nil, at: scene.server.clock.now) == 2)
        try await scene.deliver()
        let claims = try scene.clients.calls.map { try UnverifiedJWT(parsing: $0.token).unverifiedClaims() }
        #expect(claims.count == 2)
        #expect(Set(claims.compactMap { $0["sid"]?.string }).count == 2)
        #expect(Set(claims.compactMap { $0["jti"]?.string }).count == 2)
    }

    @Test("Only those hear of it that got an ID token in that session and registered an address", .spec("L-17"))
    func onlyThoseWhoTookPart() async throws {
        for (scope, change) in [
            ("openid", { $0.metadata.backchannelLogoutURI = nil }), ("profile", { _ in }),
        ] as [(String, (inout Client) -> Void)] {
            let scene = try await Scene(change, scope: scope)
            try await scene.server.signOut(scene.browser)
            #expect(try await scene.notices == [])
        }
        let scene = try await Scene()
        var bystander = Client.confidential("bystander")
        bystander.metadata.backchannelLogoutURI = WebAddress("https://other.example/out")
        try await scene.server.register(bystander)
        try await scene.server.signOut(scene.browser)
        try await scene.deliver()
        #expect(scene.clients.calls.map(\.address) == ["https://shop.example/signed-out?tenant=1"])
    }

    @Test("What a session is called tells two clients nothing of each other", .spec("OpenID Connect Core §8.1"))
    func sessionNamesDoNotCorrelate() async throws {
        let scene = try await Scene { $0.metadata.subjectType = .pairwise }
        var blog = Client.confidential("blog", redirectURIs: ["https://blog.example/callback"])
        blog.metadata.subjectType = .pairwise
        blog.metadata.backchannelLogoutURI = WebAddress("https://blog.example/out")
        try await scene.server.register(blog)
        try await scene.tokens(of: blog)
        try await scene.server.signOut(scene.browser)
        try await scene.deliver()
        let claims = try scene.clients.calls.map { try UnverifiedJWT(parsing: $0.token).unverifiedClaims() }
        #expect(claims.count == 2)
        for name in ["sub", "sid", "jti"] { #expect(Set(claims.map { $0[name]?.string }).count == 2, "\(name)") }
    }

    @Test(
        "200 and 204 are success, anything else is tried again under the same jti", .spec("L-14"),
        arguments: [200, 204])
    func triesAgain(_ success: Int) async throws {
        let scene = try await Scene()
        scene.clients.answer(503, 302, 0, success)
        try await scene.server.signOut(scene.browser)
        for attempt in 1...4 {
            try await scene.deliver()
            #expect(scene.clients.calls.count == attempt)
            try await scene.deliver()
            #expect(scene.clients.calls.count == attempt, "not before its time")
            scene.server.clock.advance(by: Outbox.pause(after: attempt))
        }
        #expect(try await scene.notices == [])
        let claims = try scene.clients.calls.map { try UnverifiedJWT(parsing: $0.token).unverifiedClaims() }
        #expect(Set(claims.compactMap { $0["jti"]?.string }).count == 1)
        // Each is fresh.
        #expect(Set(claims.compactMap(\.issuedAt)).count == 4)
    }

    @Test("A client that says no is asked three times, one that does not answer thirty times", .spec("L-14"))
    func endsSomewhere() async throws {
        for (status, tries) in [(400, 3), (500, 30), (404, 30), (0, 30)] {
            let scene = try await Scene()
            try await scene.server.signOut(scene.browser)
            for _ in 0..<40 {
                scene.clients.answer(status)
                try await scene.deliver()
                scene.server.clock.advance(by: .seconds(3600))
            }
            #expect(scene.clients.calls.count == tries)
            let kept = try #require(try await scene.notices.first)
            #expect(kept.gaveUpAt != nil && kept.dueAt == nil && kept.failure != nil)
            #expect(scene.outcomes.all.withLock { $0.last } == .gaveUp(try #require(kept.failure)))
            // The operator may have it told after all.
            #expect(try await scene.server.storage.participations.retry(kept.id, at: scene.server.clock.now))
            scene.clients.answer()
            try await scene.deliver()
            #expect(try await scene.notices == [])
        }
    }

    @Test("What we could not send counts against no client, and who is told anew has every try", .spec("L-14"))
    func congestion() async throws {
        let scene = try await Scene()
        try await scene.server.signOut(scene.browser)
        for _ in 0..<12 {
            scene.clients.answer(-1)
            try await scene.deliver()
            scene.server.clock.advance(by: Outbox.pause(after: 1))
        }
        for round in 1...2 {
            for attempt in 1...30 {
                #expect(try await scene.notices.first?.gaveUpAt == nil, "\(round), \(attempt)")
                scene.clients.answer(503)
                try await scene.deliver()
                scene.server.clock.advance(by: .seconds(3600))
            }
            let kept = try #require(try await scene.notices.first)
            #expect(kept.gaveUpAt != nil && kept.tries == 30)
            #expect(try await scene.server.storage.participations.retry(kept.id, at: scene.server.clock.now))
        }
        #expect(scene.clients.calls.count == 12 + 2 * 30)
        try await scene.deliver()
        #expect(try await scene.notices == [])
    }

    /// Keys behind `jwks_uri`; whatever a test wants happens while they are fetched.
    private final class KeysOnTheWay: RemoteDocuments {
        typealias Step = @Sendable () async throws -> Void
        private let state = Mutex<(keys: [UInt8], step: Step?)>(([], nil))

        init(_ key: DecryptionKey) throws {
            let keys = try JWKSet([SigningKey.generate().publicKey], encryptionKeys: [key.publicKey]).jsonBytes()
            state.withLock { $0.keys = keys }
        }

        func next(_ step: @escaping Step) { state.withLock { $0.step = step } }

        func fetch(
            _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
        ) async throws -> RemoteDocument {
            let (keys, step) = state.withLock { state in
                defer { state.step = nil }
                return state
            }
            try await step?()
            return RemoteDocument(bytes: keys, type: "application/json")
        }
    }

    /// A client that wants its tokens encrypted, to keys at its address, and has one.
    private struct EncryptedScene {
        let documents: KeysOnTheWay
        let server: TestServer
        let clients = Clients()
        let courier: LogoutCourier
        let shop: Client
        let browser: Browser

        init() async throws {
            documents = try KeysOnTheWay(DecryptionKey.generate(.p256))
            server = try await TestServer(documents: documents)
            var shop = server.client
            shop.metadata.backchannelLogoutURI = WebAddress("https://shop.example/out")
            shop.metadata.jwksURI = WebAddress("https://shop.example/jwks")
            shop.metadata.idTokenEncryptedResponseAlg = .ecdhES
            self.shop = try await server.register(shop)
            browser = try await server.signIn()
            courier = LogoutCourier(server.environment, transport: clients) { _, _ in }
            try await takePart()
            // The keys at hand are old by then.
            server.clock.advance(by: .seconds(3600))
        }

        func takePart() async throws {
            let code = try await server.authorizeSilently([.scope: "openid"], for: shop, in: browser)
            _ = try await server.redeem(code, from: shop)
        }

        func takeBack() async throws {
            try await server.storage.consents.withdraw(
                user: server.user.id, client: shop.id, at: server.clock.now)
        }
    }

    @Test("A client that takes part again is not told of the end before, also where that is on its way", .spec("L-18"))
    func begunAnewOnTheWay() async throws {
        for isBegun in [true, false] {
            let scene = try await EncryptedScene()
            try await scene.takeBack()
            scene.documents.next { if isBegun { try await scene.takePart() } }
            #expect(try await scene.courier.deliver(to: scene.shop.id) == (isBegun ? .dropped : .sent))
            #expect(scene.clients.calls.count == (isBegun ? 0 : 1))
            let living = try await scene.server.storage.grants.clients(
                of: scene.server.user.id, at: scene.server.clock.now)
            #expect(living.isEmpty == !isBegun)
        }
    }

    @Test("Keys that are out of reach cost a client no try", .spec("L-14"))
    func keysOutOfReach() async throws {
        let scene = try await EncryptedScene()
        try await scene.takeBack()
        // Nothing is used that is older than a day.
        scene.server.clock.advance(by: .seconds(2 * 86_400))
        for _ in 0..<40 {
            scene.documents.next { throw NoRemoteDocuments.Refused() }
            let outcome = try await scene.courier.deliver(to: scene.shop.id)
            #expect(outcome == .postponed("the client's keys are out of reach"))
            scene.server.clock.advance(by: .seconds(3601))
        }
        let notice = try await scene.server.storage.participations.list(after: nil, limit: 9).first
        #expect(notice?.gaveUpAt == nil && notice?.tries == 0 && scene.clients.calls.isEmpty)
        #expect(try await scene.courier.deliver(to: scene.shop.id) == .sent)
        #expect(scene.clients.calls.count == 1)
    }

    @Test("Keys that stay out of reach are told of before the notice is swept", .spec("L-14"))
    func keysOutOfReachForGood() async throws {
        let scene = try await EncryptedScene()
        try await scene.takeBack()
        scene.server.clock.advance(by: .seconds(6 * 86_400 + 1))
        scene.documents.next { throw NoRemoteDocuments.Refused() }
        #expect(
            try await scene.courier.deliver(to: scene.shop.id) == .gaveUp("the client's keys are out of reach"))
        let notice = try await scene.server.storage.participations.list(after: nil, limit: 9).first
        #expect(notice?.gaveUpAt != nil)
    }

    @Test("A client that is gone, or wants to hear no more, is told nothing")
    func dropped() async throws {
        let scene = try await Scene()
        try await scene.server.signOut(scene.browser)
        var shop = scene.server.client
        shop.metadata.backchannelLogoutURI = nil
        _ = try await scene.server.storage.clients.replace(
            shop.with(revision: try #require(try await scene.server.storage.clients.find(shop.id)).revision))
        scene.server.environment.clients.forget()
        try await scene.deliver()
        #expect(scene.clients.calls.isEmpty)
        #expect(scene.outcomes.all.withLock { $0 } == [.dropped])
        #expect(try await scene.notices == [])
    }

    @Test("Of somebody who was erased a client learns what it calls the session, and nothing else")
    func erased() async throws {
        let scene = try await Scene()
        let event = AuditEvent(
            id: "e1", at: .noon, action: "account_erased", outcome: .succeeded, actor: .server, subject: nil,
            client: nil, requestID: nil, network: nil, details: nil, sealed: nil)
        #expect(try await scene.server.storage.persons.erase(scene.server.user.id, recording: event))
        try await scene.deliver()
        let call = try #require(scene.clients.calls.first)
        let claims = try UnverifiedJWT(parsing: call.token).unverifiedClaims()
        #expect(claims.subject == nil && claims["sid"]?.string?.isEmpty == false)
    }

    @Test("What the person did not sign out of: a client whose access is taken back is told", .spec("L-18"))
    func consentTakenBack() async throws {
        let scene = try await Scene()
        let (server, now) = (scene.server, scene.server.clock.now)
        try await server.storage.consents.withdraw(user: server.user.id, client: server.client.id, at: now)
        try await scene.deliver()
        #expect(scene.clients.calls.count == 1)
        // Who signs in to it again is told of the next end, not of the one before.
        try await scene.tokens(of: server.client)
        try await scene.deliver()
        #expect(scene.clients.calls.count == 1)
        try await server.signOut(scene.browser)
        try await scene.deliver()
        #expect(scene.clients.calls.count == 2)
    }

    @Test("Signed as the client's ID tokens are, and a logout token is no ID token hint", .spec("L-15", "L-07"))
    func typeAndAlgorithm() async throws {
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .rs256]
        let server = try await TestServer(policy: policy)
        var shop = server.client
        shop.metadata.backchannelLogoutURI = WebAddress("https://shop.example/out")
        shop.metadata.idTokenSignedResponseAlg = .rs256
        try await server.register(shop)
        let browser = try await server.signIn()
        _ = try await server.authorizeSilently([.scope: "openid"], for: shop, in: browser)
        try await server.signOut(browser)
        let clients = Clients()
        let courier = LogoutCourier(server.environment, transport: clients) { _, _ in }
        #expect(try await courier.deliver(to: shop.id) == .sent)
        let token = try #require(clients.calls.first?.token)
        #expect(try UnverifiedJWT(parsing: token).header.algorithm == "RS256")
        #expect(try UnverifiedJWT(parsing: token).header.type == "logout+jwt")
        let decision = try await EndSessionEndpoint(server.environment).respond(
            to: Array("id_token_hint=\(token)".utf8), session: nil, consent: .unasked)
        guard case .page(let error, _) = decision else {
            Issue.record("a logout token passes for an ID token")
            return
        }
        #expect(error.code == .invalidRequest)
    }
}
