import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

@Suite("Discovery document", .spec("RFC 8414 §2", "OpenID Connect Discovery §3"))
struct ServerMetadataTests {
    private func document(_ issuer: String = "https://id.example/tenant") throws -> JSONObject {
        let metadata = ServerMetadata(issuer: Issuer(issuer)!, scopes: [.openid, .profile, Scope("orders:read")!])
        return try #require(try metadata.wire.object)
    }

    @Test(
        .spec("D-01", "D-03"), arguments: ["https://id.example", "https://id.example/tenant", "http://localhost:8080"])
    func namesTheIssuerByteForByteAndEveryAddressBelowIt(_ issuer: String) throws {
        let document = try document(issuer)
        #expect(document["issuer"]?.string == issuer)
        let addresses = document.filter { $0.name.hasSuffix("_endpoint") || $0.name == "jwks_uri" }
        #expect(addresses.count == 7)
        #expect(addresses.allSatisfy { $0.value.string?.hasPrefix(issuer + "/") == true })
    }

    @Test(.spec("D-04", "D-06", "D-07", "D-08", "D-11", "RFC 9207 §3"))
    func saysWhatIsThere() throws {
        let document = try document()
        func list(_ name: String) -> [String] { document[name]?.array?.compactMap(\.string) ?? [] }
        #expect(list("scopes_supported") == ["openid", "profile", "orders:read"])
        #expect(list("response_types_supported") == ["code"])
        #expect(Set(list("response_modes_supported")) == ["query", "fragment", "form_post"])
        #expect(Set(list("grant_types_supported")) == ["authorization_code", "refresh_token", "client_credentials"])
        #expect(list("code_challenge_methods_supported") == ["S256"])
        #expect(list("subject_types_supported") == ["public", "pairwise"])
        #expect(list("id_token_signing_alg_values_supported").contains("ES256"))
        #expect(Set(list("prompt_values_supported")) == ["none", "login", "consent", "select_account"])
        let methods = list("token_endpoint_auth_methods_supported")
        #expect(Set(methods) == Set(ClientAuthenticationMethod.allCases.map(\.rawValue)))
        #expect(list("introspection_endpoint_auth_methods_supported") == methods.filter { $0 != "none" })
        for endpoint in ["token", "revocation", "introspection"] {
            let algorithms = list("\(endpoint)_endpoint_auth_signing_alg_values_supported")
            #expect(algorithms.contains("PS256") && algorithms.contains("HS256") && !algorithms.contains("none"))
        }
        #expect(document["revocation_endpoint"]?.string == "https://id.example/tenant/revoke")
        #expect(document["introspection_endpoint"]?.string == "https://id.example/tenant/introspect")
        #expect(list("introspection_signing_alg_values_supported").contains("ES256"))
        #expect(document["authorization_response_iss_parameter_supported"]?.bool == true)
        #expect(document["request_parameter_supported"]?.bool == true)
        #expect(document["request_uri_parameter_supported"]?.bool == true)
        #expect(document["claims_parameter_supported"]?.bool == true)
    }

    @Test func namesTheLanguagesOfItsPages() throws {
        let metadata = ServerMetadata(
            issuer: Issuer("https://id.example")!, scopes: [.openid], languages: ["de", "en"])
        let document = try #require(try metadata.wire.object)
        #expect(document["ui_locales_supported"]?.array?.compactMap(\.string) == ["de", "en"])
        #expect(try self.document()["ui_locales_supported"] == nil)
    }

    @Test(.spec("D-09", "D-10", "D-12"))
    func saysNothingOfWhatIsNotThere() throws {
        let document = try document()
        #expect(document.allSatisfy { $0.value.array.map { !$0.isEmpty } ?? true })
        for name in [
            "registration_endpoint",
            "pushed_authorization_request_endpoint", "device_authorization_endpoint",
            "dpop_signing_alg_values_supported",
            "check_session_iframe",
        ] {
            #expect(document[name] == nil)
        }
    }
}
