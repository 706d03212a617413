import AuthorizationServer
import Foundation
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

    /// A client that signs its requests, at the registered addresses of the corpus.
    private struct Signer {
        let server: TestServer
        let client: Client
        let browser: Browser
        let key: SigningKey
        let documents: AssertionBench.FakeDocuments

        init() async throws {
            documents = AssertionBench.FakeDocuments()
            server = try await TestServer(documents: documents)
            key = try SigningKey.generate()
            var metadata = ClientMetadata()
            metadata.jwks = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes()).object
            metadata.requestURIs = HostileURIs.all.registered.compactMap { RequestObjectAddress($0) }
                .filter(\.address.isSecure)
            let target = Client(
                id: ClientID("target")!, name: "Target", secretDigest: nil, authenticationMethods: [.none],
                redirectURIs: try HostileURIs.all.registered.map { try RedirectURI(registering: $0) },
                postLogoutRedirectURIs: [], grantTypes: [.authorizationCode], scopes: [.openid],
                party: .first, createdAt: .noon, metadata: metadata)
            client = try await server.register(target)
            browser = try await server.signIn()
        }

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
    }

    /// Inside a signed object, beside one that cannot be believed, and as the address of one.
    @Test(.spec("RFC 9101 §10.4"), arguments: HostileURIs.all.groups)
    func requestObjectsLeadToNoneOfThem(_ group: HostileURIs.Group) async throws {
        let signer = try await Signer()
        for uri in group.uris {
            let inside = try await signer.decide([.request: try signer.object(uri)])
            #expect(inside.page == .invalidRequest || inside.page == .invalidRequestObject, "\(uri.debugDescription)")
            let beside = try await signer.decide([.request: "eyJ", .redirectURI: uri])
            #expect(beside.page == .invalidRequestObject || beside.page == .invalidRequest, "\(uri.debugDescription)")
            let fetched = try await signer.decide([.requestURI: uri, .redirectURI: HostileURIs.all.registered[0]])
            let isRefused = fetched.answer?.refusal == .invalidRequestURI || fetched.page == .invalidRequest
            #expect(isRefused, "\(uri.debugDescription)")
        }
        #expect(signer.documents.asked.isEmpty)
        for uri in HostileURIs.all.registered {
            // Consent is asked for what stays on a device; a refusal is told everywhere.
            let refused = try await signer.decide([.request: try signer.object(uri, type: "token")]).answer
            #expect(refused?.refusal == .unsupportedResponseType && Self.location(of: refused) == uri)
        }
        #expect(!signer.client.metadata.requestURIs.isEmpty)
    }

    /// Where a person would be sent after sign-out; nil for a page of ours.
    private struct SignOuts {
        let endpoint: EndSessionEndpoint
        let hint: String
        let browser: Browser

        init() async throws {
            let (server, client) = try await RedirectSafetyTests.server()
            browser = try await server.signIn()
            let code = try #require(
                try await server.decide([.scope: "openid"], for: client, from: browser).answer?[.code])
            hint = try #require(try await server.redeem(code, from: client).idToken)
            endpoint = EndSessionEndpoint(server.environment)
        }

        func location(_ uri: String, in session: Session? = nil) async throws -> String? {
            let form = FormParameters([.idTokenHint: hint, .postLogoutRedirectURI: uri]).encoded
            let decision = try await endpoint.respond(to: Array(form.utf8), session: session, consent: .unasked)
            switch decision {
            case .signedOut(let location, _, _): return location ?? "our own page"
            case .page: return nil
            default: return "somewhere else"
            }
        }
    }

    @Test(arguments: HostileURIs.all.groups)
    func signOutLeadsToNoneOfThem(_ group: HostileURIs.Group) async throws {
        let signOuts = try await SignOuts()
        for uri in group.uris {
            #expect(try await signOuts.location(uri, in: signOuts.browser.session) == nil, "\(uri.debugDescription)")
        }
        for uri in HostileURIs.all.registered { #expect(try await signOuts.location(uri) == uri) }
    }

    @Test(arguments: HostileURIs.all.groups.filter(\.neverRegistered))
    func nobodyMayHaveThoseThatAreNever(_ group: HostileURIs.Group) throws {
        for uri in group.uris {
            #expect(throws: RedirectURI.Refusal.self, "\(uri.debugDescription)") {
                _ = try RedirectURI(registering: uri)
            }
        }
        for uri in HostileURIs.all.registered { #expect(try RedirectURI(registering: uri).rawValue == uri) }
    }

    /// What is registered is what was written, byte for byte, at the first time and later; and what cannot be is refused.
    @Test(.spec("R-10", "RFC 7591 §5"), arguments: HostileURIs.all.groups)
    func registrationTakesThemAsTheyAreOrNotAtAll(_ group: HostileURIs.Group) async throws {
        let bench = try await RegistrationBench()
        let own = try await bench.register()
        let (id, token) = (own["client_id"]?.string ?? "", own["registration_access_token"]?.string)
        for uri in group.uris {
            for member in ["redirect_uris", "post_logout_redirect_uris"] {
                let changes: JSONObject = [member: [.string(uri)]]
                let answers = [
                    try? await bench.register(changes),
                    try? await bench.replace(
                        id, RegistrationBench.sound.patched(with: changes).patched(with: ["client_id": .string(id)]),
                        token),
                ]
                for answer in answers {
                    guard let answer else { continue }
                    #expect(!group.neverRegistered, "\(member) \(uri.debugDescription)")
                    let kept = answer[member]?.array?.first?.string ?? ""
                    #expect(Array(kept.utf8) == Array(uri.utf8), "\(member) \(uri.debugDescription)")
                }
            }
            for member in Self.addresses {
                let value = JSONValue.string(uri)
                guard let answer = try? await bench.register([member: member == "request_uris" ? [value] : value])
                else { continue }
                let kept = answer[member]?.array?.first?.string ?? answer[member]?.string ?? ""
                #expect(Array(kept.utf8) == Array(uri.utf8), "\(member) \(uri.debugDescription)")
                #expect(
                    Self.isPlain(uri, mayHaveFragment: member == "request_uris"), "\(member) \(uri.debugDescription)")
            }
        }
        // What is in order is taken in each of them.
        let good = "https://app.example/elsewhere"
        for member in Self.addresses {
            let value = JSONValue.string(good)
            #expect(await bench.refusal([member: member == "request_uris" ? [value] : value]) == nil, "\(member)")
        }
        for member in ["redirect_uris", "post_logout_redirect_uris"] {
            #expect(await bench.refusal([member: [.string(good)]]) == nil, "\(member)")
        }
    }

    /// Other addresses of a client that somebody is sent to, or that we ask at.
    private static let addresses = [
        "initiate_login_uri", "frontchannel_logout_uri", "backchannel_logout_uri", "request_uris", "client_uri",
        "policy_uri", "tos_uri", "logo_uri", "jwks_uri",
    ]

    /// Whether two readers who know nothing of each other would go to the same place: said in another way than the
    /// program does.
    private static func isPlain(_ text: String, mayHaveFragment: Bool) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("\\"),
            let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["https", "http"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil,
            parts.password == nil, mayHaveFragment || parts.fragment == nil
        else { return false }
        let path = parts.percentEncodedPath.lowercased()
        guard
            !path.split(separator: "/").contains(where: { [".", "..", "%2e", "%2e%2e", ".%2e", "%2e."].contains($0) })
        else { return false }
        return scheme == "https" || ["127.0.0.1", "[::1]", "::1", "localhost"].contains(host)
    }

    /// The same of request objects and of sign-out: whatever is led to is what was registered.
    @Test(.spec("L-06", "RFC 9101 §10.4"), arguments: 1...4)
    func mutationsInObjectsAndAtTheEndLeadNowhereElse(_ seed: Int) async throws {
        let server = try await TestServer()
        let key = try SigningKey.generate()
        let uris = try HostileURIs.all.registered.map { try RedirectURI(registering: $0) }
        var metadata = ClientMetadata()
        metadata.jwks = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes()).object
        let client = try await server.register(
            Client(
                id: ClientID("target")!, name: "Target", secretDigest: TokenDigest(of: "secret"),
                authenticationMethods: [.clientSecretBasic], redirectURIs: uris, postLogoutRedirectURIs: uris,
                grantTypes: [.authorizationCode], scopes: [.openid], party: .first, createdAt: .noon,
                metadata: metadata))
        let browser = try await server.signIn()
        let code = try #require(
            try await server.decide([.scope: "openid"], for: client, from: browser).answer?[.code])
        let hint = try #require(try await server.redeem(code, from: client).idToken)
        let base = try FormParameters(decoding: server.request([.scope: "openid", .prompt: "none"], for: client))
        var source = MutationSource(seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
        var led = 0
        for _ in 0..<200 {
            let uri = source.mutate(HostileURIs.all.registered[source.next(HostileURIs.all.registered.count)])
            var claims = JSONObject()
            for name in base.names { claims[name.rawValue] = base[name].map { JSONValue.string($0) } }
            claims["redirect_uri"] = .string(uri)
            let object = try JWTSigner(key: key, type: "oauth-authz-req+jwt").sign(JSONValue.object(claims))
            let form = FormParameters([.clientID: "target", .request: object]).encoded
            let decision = try await AuthorizationEndpoint(server.environment)
                .respond(to: Array(form.utf8), from: browser)
            if let location = decision.answer?.redirectURI.rawValue {
                led += 1
                #expect(Array(location.utf8) == Array(uri.utf8) && HostileURIs.isRegistered(location))
            }
            let end = FormParameters([.idTokenHint: hint, .postLogoutRedirectURI: uri]).encoded
            let leave = try await EndSessionEndpoint(server.environment)
                .respond(to: Array(end.utf8), session: nil, consent: .unasked)
            // There a port does not float.
            let isKnown = HostileURIs.all.registered.contains { Array($0.utf8) == Array(uri.utf8) }
            switch leave {
            case .signedOut(let location, _, _): #expect(isKnown && location.map { Array($0.utf8) } == Array(uri.utf8))
            default: #expect(!isKnown, "\(uri.debugDescription)")
            }
        }
        #expect(led < 100)
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

    @Test(arguments: 1...4)
    func mutationsLeadNobodyAwayAfterSignOut(_ seed: Int) async throws {
        let signOuts = try await SignOuts()
        var source = MutationSource(seed: UInt64(seed) &* 0xD1B5_4A32_D192_ED03)
        var followed = 0
        for _ in 0..<300 {
            let registered = HostileURIs.all.registered
            let uri = source.mutate(registered[source.next(registered.count)])
            let location = try await signOuts.location(uri)
            if location != nil { followed += 1 }
            #expect(location == (HostileURIs.isRegistered(uri) ? uri : nil), "\(uri.debugDescription)")
        }
        #expect(followed < 150)
    }

    @Test(arguments: 1...4)
    func mutationsInRequestObjectsAreAnsweredOnlyWhereTheyChangeNothing(_ seed: Int) async throws {
        let signer = try await Signer()
        var source = MutationSource(seed: UInt64(seed) &* 0x9FB2_1C65_1E98_DF25)
        var answered = 0
        for _ in 0..<150 {
            let registered = HostileURIs.all.registered
            let uri = source.mutate(registered[source.next(registered.count)])
            // A refusal is told everywhere, so this shows where anything would go.
            let decision = try await signer.decide([.request: try signer.object(uri, type: "token")])
            if let answer = decision.answer {
                answered += 1
                #expect(Array(answer.redirectURI.rawValue.utf8) == Array(uri.utf8))
                #expect(HostileURIs.isRegistered(uri), "\(uri.debugDescription)")
            } else {
                #expect(!HostileURIs.isRegistered(uri), "\(uri.debugDescription)")
            }
        }
        #expect(answered < 75)
    }
}
