import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Answers that only their client can read", .spec("OpenID Connect Core §10.2", "RFC 9701 §6", "RFC 7516"))
struct EncryptedAnswerTests {
    /// A client whose keys are at an address, or were registered with it.
    private struct Bench {
        let server: TestServer
        let client: Client
        let key: DecryptionKey
        let documents = AssertionBench.FakeDocuments()

        init(
            _ kind: DecryptionKey.Kind = .p256, _ members: JSONObject, isRemote: Bool = true
        ) async throws {
            server = try await TestServer(documents: documents)
            key = try DecryptionKey.generate(kind)
            var all = members
            if isRemote {
                all["jwks_uri"] = "https://shop.example/jwks"
                try Bench.serve(key, in: documents)
            } else {
                all["jwks"] = try JSONValue(parsing: JWKSet([], encryptionKeys: [key.publicKey]).jsonBytes())
            }
            var client = Client.confidential()
            client.metadata = try ClientMetadata(all)
            self.client = try await server.register(client)
        }

        func authorize(_ changes: [Parameter: String?] = [:]) async throws -> String {
            try await server.authorize(changes, for: client)
        }

        func redeem(_ code: String) async throws -> TokenResponse { try await server.redeem(code, from: client) }

        func serve(_ key: DecryptionKey) throws { try Bench.serve(key, in: documents) }

        private static func serve(_ key: DecryptionKey, in documents: AssertionBench.FakeDocuments) throws {
            let signs = try SigningKey.generate()
            let set = try JWKSet([signs.publicKey], encryptionKeys: [key.publicKey])
            documents.serve(RemoteDocument(bytes: set.jsonBytes(), type: "application/json"))
        }

        /// The JWT in an answer, signed by the server.
        func open(_ text: String, with key: DecryptionKey? = nil, type: JWSType = .jwt) throws -> VerifiedJWT {
            try VerifiedJWT(
                nested: text, decryptedWith: key ?? self.key, allowing: .toPublicKey,
                signedBy: try #require(server.environment.keys.published),
                as: JWTExpectation(
                    type: .exactly(type), issuer: .exactly("https://id.example"), audience: .contains("shop"),
                    expiry: .optional, now: server.clock.now.seconds, leeway: 0))
        }
    }

    @Test(
        arguments: [true, false],
        [
            (DecryptionKey.Kind.p256, "ECDH-ES", "A128GCM"), (.x25519, "ECDH-ES+A256KW", "A256GCM"),
            (.rsa, "RSA-OAEP-256", "A256CBC-HS512"), (.p384, "ECDH-ES+A128KW", nil),
        ] as [(DecryptionKey.Kind, String, String?)])
    func idTokensAreSignedFirstAndEncryptedThen(
        _ isRemote: Bool, _ way: (kind: DecryptionKey.Kind, alg: String, enc: String?)
    ) async throws {
        var members: JSONObject = ["id_token_encrypted_response_alg": .string(way.alg)]
        if let enc = way.enc { members["id_token_encrypted_response_enc"] = .string(enc) }
        let bench = try await Bench(way.kind, members, isRemote: isRemote)
        let tokens = try await bench.redeem(try await bench.authorize([.scope: "openid offline_access"]))
        let token = try #require(tokens.idToken)
        let header = try CompactJWE(parsing: token).header
        #expect(header.algorithm.rawValue == way.alg && header.contentType == "JWT")
        #expect(header.encryption.rawValue == way.enc ?? "A128CBC-HS256")
        #expect(header.keyID == bench.key.keyID)
        #expect(try bench.open(token).claims["nonce"]?.string == "n-0S6_WzA2Mj")
        let later = try await bench.server.refresh(tokens.refreshToken, from: bench.client)
        #expect(try bench.open(try #require(later.idToken)).claims.subject != nil)
    }

    @Test func nothingIsSpentForATokenThatCouldNotBeEncrypted() async throws {
        let bench = try await Bench(.p256, ["id_token_encrypted_response_alg": "ECDH-ES"])
        bench.documents.fail()
        let code = try await bench.authorize()
        let refusal = await refusal { try await bench.redeem(code) }
        #expect(refusal == .serverError)
        try bench.serve(bench.key)
        bench.server.clock.advance(by: .seconds(11))
        #expect(try bench.open(try #require(try await bench.redeem(code).idToken)).claims.issuer != nil)
    }

    @Test func aKeyThatWasChangedIsFoundAndOneThatWillNotDoIsPassedOver() async throws {
        let bench = try await Bench(.rsa, ["id_token_encrypted_response_alg": "ECDH-ES"])
        let first = await refusal { try await bench.redeem(try await bench.authorize()) }
        #expect(first == .serverError)
        let new = try DecryptionKey.generate(.p256)
        try bench.serve(new)
        bench.server.clock.advance(by: .seconds(61))
        let tokens = try await bench.redeem(try await bench.authorize())
        #expect(try bench.open(try #require(tokens.idToken), with: new).claims.issuer != nil)
    }

    @Test func userInfoAndIntrospectionAreToKeysBehindAnAddress() async throws {
        let members: JSONObject = [
            "userinfo_signed_response_alg": "ES256", "userinfo_encrypted_response_alg": "ECDH-ES",
            "introspection_encrypted_response_alg": "ECDH-ES+A128KW", "introspection_encrypted_response_enc": "A256GCM",
            "introspection_signed_response_alg": "ES256",
        ]
        let bench = try await Bench(.p256, members)
        let tokens = try await bench.redeem(try await bench.authorize())
        let bearer = try #require(
            try BearerToken(authorization: "Bearer \(tokens.accessToken)", form: nil, query: FormParameters()))
        guard case .token(let text) = try await UserInfoEndpoint(bench.server.environment).answer(to: bearer) else {
            throw WrongTurn()
        }
        #expect(try bench.open(text).claims.subject != nil)
        let endpoint = IntrospectionEndpoint(bench.server.environment)
        let response = try await endpoint.respond(to: FormParameters([.token: tokens.accessToken]), from: bench.client)
        let signed = try await endpoint.sign(response, for: bench.client)
        let opened = try bench.open(signed, type: "token-introspection+jwt")
        #expect(opened.claims["token_introspection"]?["active"]?.bool == true)
        #expect(try CompactJWE(parsing: signed).header.encryption == .a256GCM)
    }

    @Test func theMetadataNamesWhatThereIs() throws {
        let metadata = try ServerMetadata(issuer: Issuer("https://id.example")!, scopes: [.openid]).wire
        for kind in ["id_token", "userinfo", "introspection"] {
            #expect(metadata[kind + "_encryption_alg_values_supported"]?.array?.count == 5)
            #expect(metadata[kind + "_encryption_enc_values_supported"]?.array?.count == 4)
        }
    }
}
