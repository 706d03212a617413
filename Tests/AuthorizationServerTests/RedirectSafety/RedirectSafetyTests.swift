import AuthorizationServer
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
