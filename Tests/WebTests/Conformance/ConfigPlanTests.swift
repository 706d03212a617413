import HTTP
import JSON
import MartletTesting
import Testing

/// The module of `oidcc-config-certification-test-plan`, and those of other plans that look at the same document.
@Suite("Conformance: Config OP", .spec("OpenID Connect Discovery §3", "OpenID Connect Discovery §4"))
struct ConfigPlanTests {
    /// The members that the suite's schema knows and that are ours to write; any other draws a warning.
    private static let known: Set<String> = [
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "registration_endpoint",
        "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported",
        "acr_values_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
        "id_token_encryption_alg_values_supported", "id_token_encryption_enc_values_supported",
        "userinfo_signing_alg_values_supported", "userinfo_encryption_alg_values_supported",
        "userinfo_encryption_enc_values_supported", "request_object_signing_alg_values_supported",
        "request_object_encryption_alg_values_supported", "request_object_encryption_enc_values_supported",
        "token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported",
        "display_values_supported", "claim_types_supported", "claims_supported", "service_documentation",
        "claims_locales_supported", "ui_locales_supported", "claims_parameter_supported",
        "request_parameter_supported", "request_uri_parameter_supported", "require_request_uri_registration",
        "op_policy_uri", "op_tos_uri", "check_session_iframe", "end_session_endpoint",
        "frontchannel_logout_supported", "frontchannel_logout_session_supported", "backchannel_logout_supported",
        "backchannel_logout_session_supported", "code_challenge_methods_supported", "revocation_endpoint",
        "revocation_endpoint_auth_methods_supported", "revocation_endpoint_auth_signing_alg_values_supported",
        "introspection_endpoint", "introspection_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_signing_alg_values_supported", "introspection_signing_alg_values_supported",
        "introspection_encryption_alg_values_supported", "introspection_encryption_enc_values_supported",
        "authorization_response_iss_parameter_supported", "prompt_values_supported",
        "pushed_authorization_request_endpoint", "require_pushed_authorization_requests",
        "dpop_signing_alg_values_supported", "device_authorization_endpoint", "protected_resources",
        "require_signed_request_object", "signed_metadata",
    ]

    private static let required = [
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "scopes_supported",
        "response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
        "claims_supported",
    ]

    @Test("oidcc-discovery-endpoint-verification")
    func discovery() async throws {
        let run = try await ConformanceRun()
        let page = await run.browser.get("/.well-known/openid-configuration")
        #expect(page.status == 200 && page.response.headers["Content-Type"] == "application/json")
        let metadata = try #require(page.json.object)
        #expect(metadata["issuer"]?.string == "https://id.example")
        for name in Self.required { #expect(metadata[name] != nil, "\(name)") }
        for member in metadata {
            #expect(Self.known.contains(member.name), "the suite's schema does not know \(member.name)")
            if let list = member.value.array { #expect(!list.isEmpty, "\(member.name)") }
            let isAddress =
                member.name.hasSuffix("_endpoint") || member.name.hasSuffix("_uri") || member.name == "issuer"
            if isAddress, let text = member.value.string { #expect(text.hasPrefix("https://"), "\(member.name)") }
        }
        #expect(metadata["id_token_signing_alg_values_supported"]?.array?.contains("RS256") == true)
        #expect(metadata["scopes_supported"]?.array?.contains("openid") == true)
        for tag in metadata["ui_locales_supported"]?.array ?? [] {
            #expect(tag.string?.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } == true)
        }
        try await keySet(run)
    }

    /// Every module looks at the key set: a `kid` each, nothing private, nothing symmetric, base64url without padding.
    private func keySet(_ run: ConformanceRun) async throws {
        let keys = try #require(await run.browser.get("/jwks").json["keys"]?.array)
        let kids = keys.compactMap { $0["kid"]?.string }
        #expect(kids.count == keys.count && Set(kids).count == kids.count)
        for key in keys {
            let members = Set(key.object?.map(\.name) ?? [])
            #expect(members.isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]))
            #expect(["EC", "RSA", "OKP"].contains(key["kty"]?.string ?? ""))
            for name in ["x", "y", "n", "e"] {
                guard let text = key[name]?.string else { continue }
                #expect(!text.contains("=") && !text.contains("+") && !text.contains("/"))
            }
        }
        #expect(keys.contains { $0["kty"]?.string == "RSA" })
    }

    @Test("oidcc-rp-initiated-logout-discovery-endpoint-verification")
    func logoutDiscovery() async throws {
        let metadata = await (try ConformanceRun()).browser.get("/.well-known/openid-configuration").json
        #expect(metadata["end_session_endpoint"]?.string?.hasPrefix("https://") == true)
    }
}
