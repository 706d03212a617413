import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

/// A client with a key of its own, and whatever it may send.
struct AssertionBench {
    let server: TestServer
    let client: Client
    let key: SigningKey
    /// What stands behind `jwks_uri`.
    let documents: FakeDocuments

    /// Documents that a test changes and counts.
    final class FakeDocuments: RemoteDocuments {
        private let state = Mutex<(content: RemoteDocument?, asked: [String])>((nil, []))

        var asked: [String] { state.withLock(\.asked) }

        func serve(_ keys: [PublicKey], lifetime: Duration? = nil) throws {
            let bytes = try JWKSet(keys).jsonBytes()
            state.withLock { $0.content = RemoteDocument(bytes: bytes, type: "application/json", lifetime: lifetime) }
        }

        func serve(_ text: String) {
            state.withLock { $0.content = RemoteDocument(bytes: Array(text.utf8), type: "application/json") }
        }

        func serve(_ document: RemoteDocument) { state.withLock { $0.content = document } }

        func fail() { state.withLock { $0.content = nil } }

        func fetch(
            _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
        ) async throws -> RemoteDocument {
            try state.withLock { state in
                state.asked.append(address.rawValue)
                guard let content = state.content else { throw NoRemoteDocuments.Refused() }
                return content
            }
        }
    }

    init(
        _ algorithm: SignatureAlgorithm = .es256, at address: String? = nil, members: JSONObject = [:]
    ) async throws {
        documents = FakeDocuments()
        server = try await TestServer(documents: documents)
        key = try SigningKey.generate(algorithm)
        var all = members
        all["token_endpoint_auth_method"] = "private_key_jwt"
        if let address {
            all["jwks_uri"] = .string(address)
            try documents.serve([key.publicKey])
        } else {
            all["jwks"] = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes())
        }
        var client = Client.confidential("robot")
        client.secretDigest = nil
        client.authenticationMethods = [.privateKeyJWT]
        client.metadata = try ClientMetadata(all)
        self.client = try await server.register(client)
    }

    /// Claims in good order, with some changed and those that are null left out.
    func claims(_ changes: JSONObject = [:]) -> JSONObject {
        let now = server.clock.now.seconds
        let sound: JSONObject = [
            "iss": .string(client.id.rawValue), "sub": .string(client.id.rawValue), "aud": "https://id.example",
            "iat": .integer(now), "exp": .integer(now + 60), "jti": .string(server.environment.newSecret()),
        ]
        return sound.patched(with: changes)
    }

    func assertion(_ changes: JSONObject = [:], type: JWSType = .jwt, by other: SigningKey? = nil) throws -> String {
        try JWTSigner(key: other ?? key, type: type).sign(claims(changes))
    }

    func authenticate(
        _ assertion: String?, type: String? = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        more: [Parameter: String] = [:], authorization: String? = nil, at path: String = TokenEndpoint.path
    ) async throws -> Client {
        var form = more
        form[.clientAssertion] = assertion
        form[.clientAssertionType] = type
        let credentials = try ClientCredentials(authorization: authorization, form: FormParameters(form))
        return try await ClientAuthentication(server.environment).authenticate(credentials, at: path)
    }

    func refusal(_ changes: JSONObject) async throws -> OAuthError.Code? {
        let assertion = try assertion(changes)
        return await MartletTesting.refusal { try await authenticate(assertion) }
    }
}
