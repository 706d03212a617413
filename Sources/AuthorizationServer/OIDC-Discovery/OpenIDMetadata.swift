import JOSE
import JSON
import OAuthTypes
import Stores

/// What OpenID Connect adds to the server's metadata: OpenID Connect Discovery §3.
enum OpenIDMetadata {
    /// To a key of the client's own.
    private static let encryptions: [KeyManagementAlgorithm] = [
        .rsaOAEP, .rsaOAEP256, .ecdhES, .ecdhESA128KW, .ecdhESA256KW,
    ]

    static func encode(
        _ issuer: Issuer, _ algorithms: [SignatureAlgorithm], _ policy: Policy, to writer: inout JSONWriter
    ) {
        writer.member("userinfo_endpoint", issuer.address(of: UserInfoEndpoint.path))
        writer.member("end_session_endpoint", issuer.address(of: EndSessionEndpoint.path))
        writer.member("subject_types_supported", SubjectType.allCases.map(\.rawValue))
        writer.member("id_token_signing_alg_values_supported", algorithms.map(\.rawValue))
        writer.member("userinfo_signing_alg_values_supported", algorithms.map(\.rawValue))
        writer.member(
            "userinfo_encryption_alg_values_supported", encryptions.map(\.rawValue))
        writer.member("userinfo_encryption_enc_values_supported", ContentEncryption.allCases.map(\.rawValue))
        writer.member("prompt_values_supported", policy.prompts.map(\.rawValue))
        writer.member("acr_values_supported", policy.ladder.allNames)
        writer.member(
            "claims_supported",
            ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"]
                + StandardClaim.allCases.map(\.rawValue) + policy.claims.claims
        )
        writer.member("claim_types_supported", ["normal"])
        writer.member("claims_parameter_supported", true)
        // Pages fit wherever they are shown.
        writer.member("display_values_supported", ["page", "popup", "touch"])
        writer.member("request_parameter_supported", false)
        // Its default is true (§3), so it has to be said.
        writer.member("request_uri_parameter_supported", false)
    }
}

extension ServerMetadata {
    /// Where the document is: OpenID Connect Discovery §4.
    public static let openIDPath = "/.well-known/openid-configuration"
}
