import JSON
import OAuthTypes

/// `iss` in every authorization response, success or error, so that no client mixes two servers up: RFC 9207 §2.
enum IssuerIdentification {
    static func parameter(_ issuer: Issuer) -> (name: Parameter, value: String) {
        (.issuer, issuer.url)
    }

    /// §3.
    static func encodeMetadata(to writer: inout JSONWriter) {
        writer.member("authorization_response_iss_parameter_supported", true)
    }
}
