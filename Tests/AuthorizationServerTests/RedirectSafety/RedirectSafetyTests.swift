import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite(
    "Whatever is redirected to is byte for byte what was registered",
    .spec("A-20", "A-21", "A-24", "L-06", "RFC 9700 §4.1.3", "RFC 8252 §7.3"))
struct RedirectSafetyTests {
    /// A server whose client takes answers, and people after sign-out, at the registered addresses of the corpus.
    private static func server() async throws -> (TestServer, Client) {
        let server = try await TestServer()
        let uris = try HostileURIs.all.registered.map { try RedirectURI(registering: $0) }
        let client = Client(
            id: ClientID("target")!, name: "Target", secretDigest: TokenDigest(of: "secret"),
            authenticationMethods: [.clientSecretBasic], redirectURIs: uris, postLogoutRedirectURIs: uris,
            grantTypes: [.authorizationCode], scopes: [.openid], party: .first, createdAt: .noon)
        return (server, try await server.register(client))
    }

    private static func location(of answer: AuthorizationAnswer?) -> String? { answer?.redirectURI.rawValue }

    @Test func theCorpusIsThere() {
        let uris = HostileURIs.all.groups.flatMap(\.uris)
        #expect(Set(uris.map { Array($0.utf8) }).count >= 300)
        #expect(uris.allSatisfy { !HostileURIs.isRegistered($0) })
        #expect(HostileURIs.all.registered.allSatisfy { HostileURIs.isRegistered($0) })
        #expect(HostileURIs.isRegistered("http://127.0.0.1:49152/cb"))
    }

    @Test(arguments: HostileURIs.all.groups)
    func authorizationAnswersNoneOfThem(_ group: HostileURIs.Group) async throws {
        let (server, client) = try await Self.server()
        let browser = try await server.signIn()
        // One that could be answered at once, one that is wrong, and one that must not show a page.
        let changes: [[Parameter: String?]] = [[:], [.responseType: "token"], [.prompt: "none", .scope: "nothing"]]
        for uri in group.uris {
            for change in changes {
                let request = change.merging([.redirectURI: uri]) { $1 }
                let decision = try await server.decide(request, for: client, from: browser)
                #expect(decision.page == .invalidRequest, "\(uri.debugDescription)")
            }
        }
        for change in changes {
            let decision = try await server.decide(
                change.merging([.scope: "openid"]) { $1 }, for: client, from: browser)
            #expect(Self.location(of: decision.answer) == HostileURIs.all.registered[0])
        }
    }

    /// Inside a signed object, beside one that cannot be believed, and as the address of one.
    @Test(.spec("RFC 9101 §10.4"), arguments: HostileURIs.all.groups)
    func requestObjectsLeadToNoneOfThem(_ group: HostileURIs.Group) async throws {
        let documents = AssertionBench.FakeDocuments()
        let server = try await TestServer(documents: documents)
        let key = try SigningKey.generate()
        let uris = try HostileURIs.all.registered.map { try RedirectURI(registering: $0) }
        var metadata = ClientMetadata()
        metadata.jwks = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes()).object
        metadata.requestURIs = HostileURIs.all.registered.compactMap { RequestObjectAddress($0) }
            .filter(\.address.isSecure)
        let target = Client(
            id: ClientID("target")!, name: "Target", secretDigest: nil, authenticationMethods: [.none],
            redirectURIs: uris, postLogoutRedirectURIs: [], grantTypes: [.authorizationCode], scopes: [.openid],
            party: .first, createdAt: .noon, metadata: metadata)
        let client = try await server.register(target)
        let browser = try await server.signIn()
        func decide(_ form: [Parameter: String]) async throws -> AuthorizationEndpoint.Decision {
            let form = form.merging([.clientID: "target"]) { $1 }
            return try await AuthorizationEndpoint(server.environment)
                .respond(to: Array(FormParameters(form).encoded.utf8), from: browser)
        }
        func object(_ uri: String, type: String = "code") throws -> String {
            let changes: [Parameter: String?] = [.scope: "openid", .responseType: type]
            let parameters = try FormParameters(decoding: server.request(changes, for: client))
            var claims = JSONObject()
            for name in parameters.names { claims[name.rawValue] = parameters[name].map { JSONValue.string($0) } }
            claims["redirect_uri"] = .string(uri)
            return try JWTSigner(key: key, type: "oauth-authz-req+jwt").sign(JSONValue.object(claims))
        }
        for uri in group.uris {
            let inside = try await decide([.request: try object(uri)])
            #expect(inside.page == .invalidRequest || inside.page == .invalidRequestObject, "\(uri.debugDescription)")
            let beside = try await decide([.request: "eyJ", .redirectURI: uri])
            #expect(beside.page == .invalidRequestObject || beside.page == .invalidRequest, "\(uri.debugDescription)")
            let fetched = try await decide([.requestURI: uri, .redirectURI: HostileURIs.all.registered[0]])
            let isRefused = fetched.answer?.refusal == .invalidRequestURI || fetched.page == .invalidRequest
            #expect(isRefused, "\(uri.debugDescription)")
        }
        #expect(documents.asked.isEmpty)
        for uri in HostileURIs.all.registered {
            // Consent is asked for what stays on a device; a refusal is told everywhere.
            let refused = try await decide([.request: try object(uri, type: "token")]).answer
            #expect(refused?.refusal == .unsupportedResponseType && Self.location(of: refused) == uri)
        }
        #expect(!metadata.requestURIs.isEmpty)
    }

    @Test(arguments: HostileURIs.all.groups)
    func signOutLeadsToNoneOfThem(_ group: HostileURIs.Group) async throws {
        let (server, client) = try await Self.server()
        let browser = try await server.signIn()
        let code = try #require(
            try await server.decide([.scope: "openid"], for: client, from: browser).answer?[.code])
        let hint = try #require(try await server.redeem(code, from: client).idToken)
        let endpoint = EndSessionEndpoint(server.environment)
        func signOut(_ uri: String, _ session: Session?) async throws -> EndSessionEndpoint.Decision {
            let form = FormParameters([.idTokenHint: hint, .postLogoutRedirectURI: uri]).encoded
            return try await endpoint.respond(to: Array(form.utf8), session: session, consent: .unasked)
        }
        for uri in group.uris {
            let decision = try await signOut(uri, browser.session)
            guard case .page = decision else {
                Issue.record("\(uri.debugDescription) leads somewhere")
                continue
            }
        }
        for uri in HostileURIs.all.registered {
            guard case .signedOut(let location, _, _) = try await signOut(uri, nil) else {
                Issue.record("\(uri) leads nowhere")
                continue
            }
            #expect(location == uri)
        }
    }

    @Test(arguments: HostileURIs.all.groups.filter(\.neverRegistered))
    func registrationTakesNoneThatNobodyMayHave(_ group: HostileURIs.Group) throws {
        for uri in group.uris {
            #expect(throws: RedirectURI.Refusal.self, "\(uri.debugDescription)") {
                _ = try RedirectURI(registering: uri)
            }
        }
        for uri in HostileURIs.all.registered { #expect(try RedirectURI(registering: uri).rawValue == uri) }
    }

    /// Thousands of small changes of what is registered: hardly any is answered, and what is is what was registered.
    @Test(arguments: 1...8)
    func mutationsAreAnsweredOnlyWhereTheyChangeNothing(_ seed: Int) async throws {
        let (server, client) = try await Self.server()
        let browser = try await server.signIn()
        var source = MutationSource(seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        var answered = 0
        for _ in 0..<500 {
            let registered = HostileURIs.all.registered
            let uri = source.mutate(registered[source.next(registered.count)])
            let decision = try await server.decide(
                [.scope: "openid", .prompt: "none", .redirectURI: uri], for: client, from: browser)
            if let answer = decision.answer {
                answered += 1
                let location = answer.redirectURI.rawValue
                #expect(Array(location.utf8) == Array(uri.utf8))
                #expect(HostileURIs.isRegistered(location), "\(location.debugDescription)")
                #expect(answer.location.hasPrefix(location))
            } else {
                #expect(decision.page == .invalidRequest)
                #expect(!HostileURIs.isRegistered(uri), "\(uri.debugDescription)")
            }
        }
        #expect(answered < 250)
    }
}
