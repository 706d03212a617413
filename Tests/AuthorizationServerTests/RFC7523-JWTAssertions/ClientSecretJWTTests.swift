import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("client_secret_jwt", .spec("RFC 7523 §3", "OpenID Connect Core §9"))
struct ClientSecretJWTTests {
    private static let secret = "q8Jd0sVbX3mPz7LkYw2RtN5cHf9Ga1Eu"

    private func client(_ server: TestServer, members: JSONObject = [:]) async throws -> Client {
        var client = Client.confidential("robot", secret: ClientSecretJWTTests.secret)
        client.metadata = try ClientMetadata(
            members.patched(with: ["token_endpoint_auth_method": "client_secret_jwt"]))
        client.authenticationMethods = [.clientSecretJWT]
        client.sealedSecret = try server.environment.clientSecrets.seal(ClientSecretJWTTests.secret, of: client.id)
        return try await server.register(client)
    }

    private func assertion(_ secret: String, _ algorithm: String, _ server: TestServer) throws -> String {
        let now = server.clock.now.seconds
        let header: JSONObject = ["alg": .string(algorithm)]
        let claims: JSONObject = [
            "iss": "robot", "sub": "robot", "aud": "https://id.example", "exp": .integer(now + 60),
            "jti": .string(server.environment.newSecret()),
        ]
        let input = Base64URL.encode(header.jsonBytes()) + "." + Base64URL.encode(claims.jsonBytes())
        #expect(algorithm == "HS256")
        let code = HMACSHA256(key: Secret(secret)).authenticate(Array(input.utf8).span)
        return input + "." + code.base64URL
    }

    private func authenticate(_ server: TestServer, _ assertion: String) async throws -> Client {
        let form = FormParameters([
            .clientAssertion: assertion,
            .clientAssertionType: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ])
        return try await ClientAuthentication(server.environment)
            .authenticate(ClientCredentials(authorization: nil, form: form))
    }

    @Test("oidcc-client-secret-jwt: the secret proves the client, and another one does not")
    func theSecretProvesTheClient() async throws {
        let server = try await TestServer()
        let client = try await client(server)
        let right = try assertion(ClientSecretJWTTests.secret, "HS256", server)
        #expect(try await authenticate(server, right).id == client.id)
        #expect(await refusal { try await authenticate(server, right) } == .invalidClient)
        let wrong = try assertion("a" + ClientSecretJWTTests.secret, "HS256", server)
        #expect(await refusal { try await authenticate(server, wrong) } == .invalidClient)
        // The secret itself is not what this client sends.
        let post = ClientCredentials.post("robot", ClientSecretJWTTests.secret)
        #expect(
            await refusal { try await ClientAuthentication(server.environment).authenticate(post()) } == .invalidClient)
    }

    @Test func aSealedSecretOfAnotherClientOpensNothing() async throws {
        let server = try await TestServer()
        var client = try await client(server)
        client.sealedSecret = try server.environment.clientSecrets.seal(
            ClientSecretJWTTests.secret, of: try #require(ClientID("other")))
        try await server.register(client)
        let jwt = try assertion(ClientSecretJWTTests.secret, "HS256", server)
        await #expect(throws: (any Error).self) { try await authenticate(server, jwt) }
    }

    @Test(.spec("C-17"))
    func aRegisteredAlgorithmIsTheOnlyOne() async throws {
        let server = try await TestServer()
        _ = try await client(server, members: ["token_endpoint_auth_signing_alg": "HS512"])
        let jwt = try assertion(ClientSecretJWTTests.secret, "HS256", server)
        #expect(await refusal { try await authenticate(server, jwt) } == .invalidClient)
        _ = try await client(server, members: ["token_endpoint_auth_signing_alg": "HS256"])
        _ = try await authenticate(server, jwt)
    }

    @Test(.spec("C-09"))
    func theSecretBeforeIsGoodForAWhile() async throws {
        let server = try await TestServer()
        var client = try await client(server)
        let next = "Zk2RtN5cHf9Ga1Euq8Jd0sVbX3mPz7Lk"
        client.formerSecret = FormerSecret(
            digest: try #require(client.secretDigest), sealed: client.sealedSecret,
            expiresAt: server.clock.now + .seconds(60))
        client.secretDigest = TokenDigest(of: next)
        client.sealedSecret = try server.environment.clientSecrets.seal(next, of: client.id)
        try await server.register(client)
        for secret in [next, ClientSecretJWTTests.secret] {
            _ = try await authenticate(server, assertion(secret, "HS256", server))
        }
        server.clock.advance(by: .seconds(60))
        let old = try assertion(ClientSecretJWTTests.secret, "HS256", server)
        #expect(await refusal { try await authenticate(server, old) } == .invalidClient)
        _ = try await authenticate(server, assertion(next, "HS256", server))
    }
}

extension ClientCredentials {
    fileprivate static func post(_ id: String, _ secret: String) -> () throws -> ClientCredentials {
        { try ClientCredentials(authorization: nil, form: FormParameters([.clientID: id, .clientSecret: secret])) }
    }
}

@Suite("Two secrets for a while", .spec("C-09"))
struct FormerSecretTests {
    @Test func bothAreGoodUntilTheOldOneEnds() async throws {
        let server = try await TestServer()
        var client = server.client
        client.formerSecret = FormerSecret(
            digest: try #require(client.secretDigest), sealed: nil, expiresAt: server.clock.now + .seconds(60))
        client.secretDigest = TokenDigest(of: "the next one")
        try await server.register(client)
        func authenticate(_ secret: String) async throws -> Client {
            try await ClientAuthentication(server.environment).authenticate(ClientCredentials.post("shop", secret)())
        }
        _ = try await authenticate("shop secret")
        _ = try await authenticate("the next one")
        #expect(await refusal { try await authenticate("another one") } == .invalidClient)
        server.clock.advance(by: .seconds(60))
        #expect(await refusal { try await authenticate("shop secret") } == .invalidClient)
        _ = try await authenticate("the next one")
    }
}
