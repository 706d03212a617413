import JOSE
import TokenVerifier

extension TokenVerdict {
    /// Why keys cannot be had.
    static func sentence(_ failure: KeySetFailure) -> String {
        switch failure {
        case .unsafeAddress: "the issuer's address, or that of its keys, is not https, or cannot be read"
        case .unreachable: "nobody answers there"
        case .untrusted: "the certificate does not prove the host"
        case .timedOut: "no answer within ten seconds"
        case .refused(let status): "the answer has the status \(status)"
        case .oversize: "the answer is longer than 256 KiB"
        case .malformedDocument: "the answer is no discovery document with issuer and jwks_uri, or no JSON"
        case .wrongIssuer: "the discovery document there is of another issuer"
        case .unusableKeys(let error): "the key set cannot be used: \(sentence(error))"
        case .cancelled: "interrupted"
        }
    }

    static func advice(_ failure: KeySetFailure) -> String {
        switch failure {
        case .unsafeAddress: "Only an address of this machine may begin with http."
        case .wrongIssuer: "The issuer must be written as it writes itself, to the last character."
        case .unreachable, .untrusted, .timedOut, .refused, .oversize, .malformedDocument, .unusableKeys, .cancelled:
            "Look with: curl ISSUER/.well-known/openid-configuration; or bring the keys with --jwks FILE."
        }
    }

    /// What is wrong with the form of a token or a key set.
    static func sentence(_ error: JOSEError) -> String {
        switch error {
        case .malformedToken: "three parts in base64url without padding are expected"
        case .malformedHeader: "the header is no JSON object with alg, or a member has the wrong kind"
        case .malformedClaims: "the claims are no JSON object"
        case .criticalExtension: "the header demands an extension (crit) that is not known"
        case .privateKey: "a private key is in it"
        case .ambiguousKeys: "two keys have the same kid"
        case .weakKey: "a key is too weak"
        case .invalidKey: "a key is malformed"
        case .oversize: "too many keys"
        default: "it cannot be read (\(error))"
        }
    }
}
