import JOSE
import JSON
import OAuthTypes
import Stores

/// What OpenID Connect adds to the server's metadata: OpenID Connect Discovery §3.
enum OpenIDMetadata {
    static func encode(
        _ issuer: Issuer, _ algorithms: [SignatureAlgorithm], _ policy: Policy, to writer: inout JSONWriter
    ) {
        writer.member("userinfo_endpoint", issuer.address(of: UserInfoEndpoint.path))
        writer.member("end_session_endpoint", issuer.address(of: EndSessionEndpoint.path))
        BackChannelLogout.encodeMetadata(to: &writer)
        LogoutFrame.encodeMetadata(to: &writer)
        SessionState.encodeMetadata(issuer, policy, to: &writer)
        writer.member("subject_types_supported", SubjectType.allCases.map(\.rawValue))
        writer.member("id_token_signing_alg_values_supported", algorithms.map(\.rawValue))
        writer.member("userinfo_signing_alg_values_supported", algorithms.map(\.rawValue))
        AnswerEncryption.encodeMetadata(of: "id_token", to: &writer)
        AnswerEncryption.encodeMetadata(of: "userinfo", to: &writer)
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
        writer.member("display_values_supported", Display.allCases.map(\.rawValue))
    }
}

extension ServerMetadata {
    /// Where the document is: OpenID Connect Discovery §4.
    public static let openIDPath = "/.well-known/openid-configuration"
}
