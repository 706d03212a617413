import JSON
public import Stores

extension ClientMetadata {
    /// Every member there is.
    ///
    /// Not all of them go together: a store keeps them, and registration would refuse them.
    public static func withEveryFieldSet() -> ClientMetadata {
        let address = "https://shop.example/"
        let members: JSONObject = [
            "client_name#de": "Café „Schwälbchen“", "client_name#ja": "燕", "client_uri": .string(address),
            "client_uri#de": .string(address + "de"), "logo_uri": .string(address + "logo.png"),
            "policy_uri": .string(address + "policy?a=1&code=2"), "tos_uri#fr": .string(address + "conditions"),
            "contacts": ["zoë@shop.example", "+49 30 1"], "software_id": "4NRB1", "software_version": "2.1 β",
            "software_statement": "e30.e30.AA", "application_type": "native",
            "jwks": ["keys": []], "jwks_uri": .string(address + "jwks"),
            "token_endpoint_auth_signing_alg": "HS384", "response_types": ["code", "code id_token"],
            "default_max_age": 3600, "require_auth_time": true, "default_acr_values": ["phr", "urn:x:2"],
            "initiate_login_uri": .string(address + "start"), "request_uris": [.string(address + "r.jwt#x_9-")],
            "request_object_signing_alg": "none", "request_object_encryption_alg": "ECDH-ES+A128KW",
            "request_object_encryption_enc": "A128GCM", "require_signed_request_object": false,
            "subject_type": "pairwise", "sector_identifier_uri": .string(address + "sector"),
            "id_token_signed_response_alg": "RS256", "id_token_encrypted_response_alg": "RSA-OAEP-256",
            "id_token_encrypted_response_enc": "A256GCM", "userinfo_signed_response_alg": "PS384",
            "userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A128CBC-HS256",
            "introspection_signed_response_alg": "EdDSA", "introspection_encrypted_response_alg": "RSA-OAEP",
            "introspection_encrypted_response_enc": "A256CBC-HS512",
            "backchannel_logout_uri": .string(address + "back"), "backchannel_logout_session_required": true,
            "frontchannel_logout_uri": "http://127.0.0.1:8080/front", "frontchannel_logout_session_required": false,
            "martlet_resources": ["https://api.example", "urn:x:stock"], "martlet_access_token_format": "opaque",
            "martlet_refresh_tokens": "offline_access", "martlet_refresh_idle_lifetime": 3600,
            "martlet_grant_lifetime": 86400, "martlet_managed": true,
            "martlet_compatibility": [
                "endpoint_audience", "hybrid", "offline_without_consent", "pkce_optional", "request_merging",
                "unsigned_request_objects",
            ],
        ]
        return (try? ClientMetadata(members))!
    }
}
