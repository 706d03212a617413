import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("RFC 7591 a client's document")
struct ClientDocumentTests {
    private let sound: JSONObject = ["redirect_uris": ["https://shop.example/cb"]]

    @Test func aClientComesBackFromItsDocument() throws {
        var client = Client.confidential()
        client.metadata = try ClientMetadata(["client_name#de": "Laden", "subject_type": "pairwise"])
        let document = try ClientDocument(ClientDocument(client).object)
        #expect(try client.described(by: document) == client)
        #expect(document.metadata.clientName.plain?.rawValue == "shop")
    }

    @Test func aPatchReplacesAndTakesAway() throws {
        let client = Client.confidential()
        let patched = ClientDocument(client).object.patched(with: [
            "client_name": "Store", "post_logout_redirect_uris": .null, "default_max_age": 60,
        ])
        let changed = try client.described(by: ClientDocument(patched))
        #expect(changed.name == "Store")
        #expect(changed.postLogoutRedirectURIs == [])
        #expect(changed.metadata.defaultMaxAge == 60)
        #expect(changed.redirectURIs == client.redirectURIs && changed.scopes == client.scopes)
        #expect(changed.secretDigest == client.secretDigest)
        #expect(changed.authenticationMethods == client.authenticationMethods)
    }

    @Test func aSecretGoesWithTheLastWayToUseIt() throws {
        let client = Client.confidential(grantTypes: [.authorizationCode])
        func change(_ client: Client, to method: String) throws -> Client {
            let members = ClientDocument(client).object.patched(with: ["token_endpoint_auth_method": .string(method)])
            return try client.described(by: ClientDocument(members))
        }
        let post = try change(client, to: "client_secret_post")
        #expect(post.authenticationMethods == [.clientSecretPost] && post.secretDigest == client.secretDigest)
        let open = try change(client, to: "none")
        #expect(open.isPublic && open.secretDigest == nil)
        #expect(throws: RegistrationRefusal("token_endpoint_auth_method", "needs a secret, which this client lacks")) {
            try change(open, to: "client_secret_basic")
        }
    }

    struct Unfit: Sendable, CustomTestStringConvertible {
        let member: String
        let members: JSONObject
        let code: RegistrationRefusal.Code
        var testDescription: String { "\(member): \(members.map { "\($0.name) = \($0.value)" })" }

        init(_ member: String, _ members: JSONObject, _ code: RegistrationRefusal.Code = .invalidClientMetadata) {
            (self.member, self.members, self.code) = (member, members, code)
        }
    }

    private static let key: JSONValue = [
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "kid": "1",
    ]
    private static let privateKey: JSONValue = [
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    ]

    @Test(
        .spec("R-04", "R-06", "R-07", "R-09", "R-11", "R-12"),
        arguments: [
            Unfit("redirect_uris", ["redirect_uris": .null], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": []], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": "https://shop.example/cb"], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": [1]], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": ["/cb"]], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": ["https://shop.example/cb#a"]], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": ["http://shop.example/cb"]], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": ["javascript:alert(1)"]], .invalidRedirectURI),
            Unfit("redirect_uris", ["redirect_uris": ["https://shop.example/cb?code=1"]], .invalidRedirectURI),
            Unfit(
                "redirect_uris",
                [
                    "redirect_uris": ["http://localhost/cb"], "response_types": ["code id_token"],
                    "martlet_compatibility": ["hybrid"],
                ], .invalidRedirectURI),
            Unfit("post_logout_redirect_uris", ["post_logout_redirect_uris": ["shop"]]),
            Unfit("grant_types", ["grant_types": []]), Unfit("grant_types", ["grant_types": ["password"]]),
            Unfit("grant_types", ["grant_types": ["refresh_token"]]), Unfit("grant_types", ["grant_types": "implicit"]),
            Unfit(
                "grant_types",
                ["grant_types": ["client_credentials", "authorization_code"], "token_endpoint_auth_method": "none"]),
            Unfit("response_types", ["grant_types": ["client_credentials"], "response_types": ["code"]]),
            Unfit("response_types", ["response_types": ["code id_token"]]),
            Unfit("scope", ["scope": "a\"b"]), Unfit("scope", ["scope": ["openid"]]),
            Unfit("token_endpoint_auth_method", ["token_endpoint_auth_method": "magic"]),
            Unfit("jwks", ["jwks": ["keys": "none"]]), Unfit("jwks", ["jwks": ["keys": [privateKey]]]),
            Unfit("jwks", ["jwks": ["keys": [key, key]]]),
            Unfit("jwks", ["jwks": ["keys": [key]], "jwks_uri": "https://shop.example/jwks"]),
            Unfit("token_endpoint_auth_signing_alg", ["token_endpoint_auth_signing_alg": "RS256"]),
            Unfit(
                "sector_identifier_uri",
                ["redirect_uris": ["https://a.example/", "https://b.example/"], "subject_type": "pairwise"]),
            Unfit("sector_identifier_uri", ["sector_identifier_uri": "http://localhost/sector"]),
            Unfit("id_token_encrypted_response_enc", ["id_token_encrypted_response_enc": "A128GCM"]),
            Unfit("userinfo_encrypted_response_alg", ["userinfo_encrypted_response_alg": "RSA-OAEP"]),
            Unfit("introspection_encrypted_response_enc", ["introspection_encrypted_response_enc": "A128GCM"]),
            Unfit("request_object_encryption_enc", ["request_object_encryption_enc": "A128GCM"]),
            Unfit("request_object_signing_alg", ["request_object_signing_alg": "none"]),
            Unfit(
                "request_object_signing_alg",
                [
                    "request_object_signing_alg": "none", "martlet_compatibility": ["unsigned_request_objects"],
                    "require_signed_request_object": true,
                ]),
            Unfit("frontchannel_logout_uri", ["frontchannel_logout_uri": "https://other.example/out"]),
            Unfit("frontchannel_logout_uri", ["frontchannel_logout_uri": "https://shop.example:444/out"]),
            Unfit("id_token_signed_response_alg", ["id_token_signed_response_alg": "PS512"]),
        ])
    func whatDoesNotGoTogetherIsRefusedByName(_ unfit: Unfit) throws {
        let refusal = #expect(throws: RegistrationRefusal.self) {
            try ClientDocument(sound.patched(with: unfit.members)).check(signing: [.es256, .rs256])
        }
        #expect(refusal?.member == unfit.member)
        #expect(refusal?.code == unfit.code)
        #expect(refusal?.description.utf8.contains { !(0x20...0x7E).contains($0) || $0 == 0x22 || $0 == 0x5C } == false)
        try ClientDocument(sound).check(signing: [.es256, .rs256])
    }

    @Test(
        arguments: [
            ["response_types": ["code id_token"], "martlet_compatibility": ["hybrid"]],
            ["request_object_signing_alg": "none", "martlet_compatibility": ["unsigned_request_objects"]],
            ["redirect_uris": ["https://a.example/", "https://a.example/b"], "subject_type": "pairwise"],
            [
                "redirect_uris": ["https://a.example/", "https://b.example/"], "subject_type": "pairwise",
                "sector_identifier_uri": "https://a.example/sector",
            ],
            ["jwks": ["keys": [key]], "id_token_encrypted_response_alg": "ECDH-ES"],
            ["frontchannel_logout_uri": "https://shop.example/out?x=1"],
            ["grant_types": ["client_credentials"], "redirect_uris": .null],
            ["id_token_signed_response_alg": "RS256"],
        ] as [JSONObject])
    func whatGoesTogetherIsTaken(_ members: JSONObject) throws {
        try ClientDocument(sound.patched(with: members)).check(signing: [.es256, .rs256])
    }
}
