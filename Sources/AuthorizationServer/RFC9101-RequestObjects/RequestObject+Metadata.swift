import JOSE
import JSON

extension RequestObject {
    /// What request objects may be, as the server's metadata tells it: RFC 9101 §9.2, OpenID Connect Discovery §3.
    public struct Offer: Sendable, Equatable {
        /// Whether a client that registers itself may leave them unsigned.
        let unsigned: Bool
        /// Whether there is a key to encrypt them to.
        let encrypted: Bool

        /// Signed ones always; `unsigned` and `encrypted` ones besides.
        public init(unsigned: Bool = false, encrypted: Bool = false) {
            self.unsigned = unsigned
            self.encrypted = encrypted
        }

        func encodeMetadata(to writer: inout JSONWriter) {
            writer.member("request_parameter_supported", true)
            writer.member("request_uri_parameter_supported", true)
            writer.member("require_request_uri_registration", true)
            writer.member(
                "request_object_signing_alg_values_supported",
                SignatureAlgorithm.allCases.map(\.rawValue) + (unsigned ? ["none"] : []))
            guard encrypted else { return }
            writer.member(
                "request_object_encryption_alg_values_supported", RequestEncryption.algorithms.map(\.rawValue))
            writer.member(
                "request_object_encryption_enc_values_supported", ContentEncryption.allCases.map(\.rawValue))
        }
    }
}
