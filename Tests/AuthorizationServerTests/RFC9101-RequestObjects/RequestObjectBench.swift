import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

/// A client that puts its requests into objects, in every way that it may and may not.
struct RequestObjectBench {
    typealias FakeDocuments = AssertionBench.FakeDocuments

    let server: TestServer
    let client: Client
    let key: SigningKey
    /// What stands behind `request_uri`.
    let documents: FakeDocuments

    static let address = "https://shop.example/requests/1"

    init(
        _ algorithm: SignatureAlgorithm = .es256, members: JSONObject = [:], hasKeys: Bool = true,
        takesEncryption: Bool = false
    ) async throws {
        documents = FakeDocuments()
        var policy = Policy()
        policy.takesEncryptedRequests = takesEncryption
        server = try await TestServer(policy: policy, documents: documents)
        key = try SigningKey.generate(algorithm)
        var all = members
        if hasKeys { all["jwks"] = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes()) }
        var client = Client.confidential("jar", redirectURIs: ["https://shop.example/a", "https://shop.example/b"])
        client.metadata = try ClientMetadata(all)
        self.client = try await server.register(client)
    }

    /// A request in good order, with some members changed and those that are null left out.
    func claims(_ changes: JSONObject = [:]) -> JSONObject {
        let now = server.clock.now.seconds
        let sound: JSONObject = [
            "iss": "jar", "aud": "https://id.example", "iat": .integer(now), "nbf": .integer(now),
            "exp": .integer(now + 300), "client_id": "jar", "response_type": "code",
            "redirect_uri": "https://shop.example/b", "scope": "openid profile", "state": "inside",
            "code_challenge": .string(CodeChallenge.s256(TestServer.verifier).rawValue),
            "code_challenge_method": "S256",
        ]
        return sound.patched(with: changes)
    }

    func signed(
        _ changes: JSONObject = [:], type: JWSType = "oauth-authz-req+jwt", by other: SigningKey? = nil
    ) throws -> String {
        try JWTSigner(key: other ?? key, type: type).sign(JSONValue.object(claims(changes)))
    }

    static func unsigned(_ claims: JSONObject, header: String = #"{"alg":"none"}"#) -> String {
        Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(JSONValue.object(claims).jsonBytes()) + "."
    }

    /// What stands beside the object: enough for a page to know where errors go.
    func request(_ beside: [Parameter: String?] = [:]) -> [UInt8] {
        var values: [Parameter: String] = [.clientID: "jar", .redirectURI: "https://shop.example/a", .state: "outside"]
        for (name, value) in beside { values[name] = value }
        return Array(FormParameters(values).encoded.utf8)
    }

    func decide(
        _ beside: [Parameter: String?], from browser: Browser? = nil
    ) async throws -> AuthorizationEndpoint.Decision {
        try await AuthorizationEndpoint(server.environment)
            .respond(to: request(beside), from: browser ?? server.browser())
    }

    /// The error of an answer that goes where the request said, beside its object.
    func refusal(_ beside: [Parameter: String?]) async throws -> OAuthError? {
        let answer = try await decide(beside).answer
        if let answer {
            #expect(answer.location.hasPrefix("https://shop.example/a?"), "\(answer.location)")
            #expect(answer[.state] == "outside" && answer[.code] == nil)
        }
        return answer?.failure
    }

    /// Whether a request leads to a page.
    func isTaken(_ beside: [Parameter: String?]) async throws -> Bool {
        try await decide(beside).interaction != nil
    }
}
