import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing
import Web

/// A run of a module of the Dynamic plan: the suite registers its client over HTTP, has a key of its own, signs its client
/// assertions for the address of the token endpoint, and serves what its registration points at.
struct DynamicRun {
    /// What the suite serves.
    final class Documents: RemoteDocuments {
        private let state = Mutex<(documents: [String: RemoteDocument], asked: [String])>(([:], []))

        var asked: [String] { state.withLock(\.asked) }

        func serve(_ bytes: [UInt8], _ type: String, at address: String) {
            state.withLock { $0.documents[address] = RemoteDocument(bytes: bytes, type: type) }
        }

        func fetch(
            _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
        ) async throws -> RemoteDocument {
            try state.withLock { state in
                state.asked.append(address.rawValue)
                guard let document = state.documents[address.rawValue], document.bytes.count <= limit else {
                    throw NoRemoteDocuments.Refused()
                }
                return document
            }
        }
    }

    var run: ConformanceRun
    /// What it registered and has not removed.
    private var registered: [JSONValue] = []
    let documents = Documents()
    var key: SigningKey

    static let keySet = "https://suite.example/test/jwks"

    /// What the operator's file says for a certification.
    static let policy: JSONObject = [
        "access": "open", "scopes": ["openid", "profile", "email", "address", "phone", "offline_access"],
        "compatibility": ["pkce_optional", "endpoint_audience", "unsigned_request_objects"],
    ]

    init(_ policy: JSONObject = DynamicRun.policy, _ plan: ConformanceRun.Plan = .basic) async throws {
        key = try SigningKey.generate(.rs256)
        var policy = policy
        if plan.isHybrid { policy["compatibility"] = .array((policy["compatibility"]?.array ?? []) + ["hybrid"]) }
        run = try await ConformanceRun(plan, registration: RegistrationPolicy(policy), documents: documents)
    }

    /// What the registration endpoint says to a document as the suite makes it, with some members changed.
    func register(_ changes: JSONObject = [:]) async throws -> Page {
        let keys = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes())
        let sound: JSONObject = [
            "client_name": "Conformance suite", "redirect_uris": [.string(ConformanceRun.callback)],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": [.string(run.plan.responseType)],
            "token_endpoint_auth_method": "private_key_jwt", "jwks": keys, "contacts": ["suite@suite.example"],
        ]
        let body = JSONValue.object(sound.patched(with: changes)).jsonBytes()
        let request = Request(.post, "/register", headers: ["Content-Type": "application/json"], body: body)
        return Page(response: await run.test.site.respond(to: request))
    }

    /// Registers a client and goes on as that; checks what the suite checks of each registration.
    mutating func become(_ changes: JSONObject = [:]) async throws -> JSONValue {
        let page = try await register(changes)
        #expect(page.status == 201, "\(page.text)")
        #expect(page.response.headers["Content-Type"] == "application/json")
        let made = page.json
        if made["client_secret"] != nil { #expect(made["client_secret_expires_at"]?.integer == 0) }
        #expect(made["registration_client_uri"]?.string?.hasPrefix("https://id.example/") == true)
        #expect(made["registration_access_token"]?.string?.isEmpty == false)
        run.client = try #require(made["client_id"]?.string)
        registered.append(made)
        return made
    }

    /// What the suite does last in each module: removes its clients; anything but 204 would be a warning.
    mutating func leave() async throws {
        #expect(!registered.isEmpty)
        for made in registered { try await remove(made) }
        registered = []
    }

    /// Removes a client, which leaves nothing behind.
    private func remove(_ made: JSONValue) async throws {
        let uri = try #require(made["registration_client_uri"]?.string)
        let token = try #require(made["registration_access_token"]?.string)
        let path = String(uri.dropFirst("https://id.example".count))
        func send(_ method: Method) async -> Page {
            Page(
                response: await run.test.site.respond(
                    to: Request(method, path, headers: ["Authorization": "Bearer " + token])))
        }
        #expect(await send(.get).json["client_id"] == made["client_id"])
        #expect(await send(.delete).status == 204)
        #expect(await send(.get).status == 401)
    }

    func token(
        _ fields: [String: String], audience: String = "https://id.example/token", by other: SigningKey? = nil
    ) async throws -> Page {
        let now = run.test.clock.now.seconds
        let claims: JSONObject = [
            "iss": .string(run.client), "sub": .string(run.client), "aud": .string(audience),
            "jti": .string(run.test.environment.newSecret()), "iat": .integer(now), "exp": .integer(now + 60),
        ]
        let assertion = try JWTSigner(key: other ?? key, type: .jwt).sign(JSONValue.object(claims))
        let proof = [
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        ]
        return await run.test.token(fields.merging(proof) { $1 }, proof: .none)
    }

    func redeem(_ code: String, redirectURI: String = ConformanceRun.callback) async throws -> ConformanceRun.Tokens {
        let fields = ["grant_type": "authorization_code", "code": code, "redirect_uri": redirectURI]
        return try run.tokens(try await token(fields), nonce: "nonce-1")
    }

    /// The whole way, as most modules go it.
    func signIn(_ changes: [String: String?] = [:]) async throws -> ConformanceRun.Tokens {
        try await redeem(try #require(try await run.authorize(changes)[.code]))
    }

    /// The parameters of a request as the suite puts them into an object.
    func claims(_ changes: JSONObject = [:]) throws -> JSONObject {
        let query = run.request().split(separator: "?", maxSplits: 1)[1]
        let parameters = try FormParameters(decoding: Array(query.utf8))
        var claims: JSONObject = ["iss": .string(run.client), "aud": "https://id.example"]
        for name in parameters.names { claims[name.rawValue] = parameters[name].map { JSONValue.string($0) } }
        return claims.patched(with: changes)
    }

    static func unsigned(_ claims: JSONObject) -> String {
        Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + "."
            + Base64URL.encode(JSONValue.object(claims).jsonBytes()) + "."
    }
}
