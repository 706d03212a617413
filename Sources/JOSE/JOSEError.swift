/// Why a token, a key or a sealed value is refused.
///
/// Closed, and without a piece of the input, so that it may be logged. Toward clients most of these look the same.
public enum JOSEError: Error, Sendable, Equatable {
    /// Longer than the limit.
    case oversize
    /// Not three segments of canonical base64url (RFC 7515 §5.2), or not five of the lengths that belong to the
    /// algorithms (RFC 7516 §5.2).
    case malformedToken
    /// The header is no strict JSON object, or one of its members has the wrong kind (RFC 7515 §4).
    case malformedHeader
    /// The header demands that an extension be understood: none is (RFC 7515 §4.1.11).
    case criticalExtension
    /// `alg` is not the algorithm of the key (RFC 8725 §3.1).
    case wrongAlgorithm
    /// `typ` is not what was expected (RFC 8725 §3.11).
    case wrongType
    /// No key goes with the `kid`, or the token has none and there are several keys.
    case unknownKey
    /// The signature does not belong to key and content.
    case invalidSignature
    /// Compressed before it was encrypted, which is not offered (RFC 7516 §4.1.3).
    case compressed
    /// Not encrypted to this key, or changed since; nothing more is told (RFC 7516 §11.5).
    case undecryptable
    /// The payload is no strict JSON object (RFC 7519 §7.2).
    case malformedClaims
    /// A claim that must be there is not.
    case missingClaim(RegisteredClaim)
    /// A claim has the wrong kind or is out of range (RFC 7519 §4.1).
    case invalidClaim(RegisteredClaim)
    /// Past its `exp`.
    case expired
    /// Before its `nbf`.
    case notYetValid
    /// Its `iat` lies in the future.
    case issuedInTheFuture
    /// `iss` is another one.
    case wrongIssuer
    /// `aud` does not name the expected audience.
    case wrongAudience
    /// A key of a type, curve, use or algorithm that is not offered here.
    case unsupportedKey
    /// A key whose members are malformed or whose point is not on its curve.
    case invalidKey
    /// Too short to be safe: RSA below 2048 bits or with a small exponent, a secret below its digest (RFC 7518 §3).
    case weakKey
    /// Private members where a public key belongs.
    case privateKey
    /// Two keys of a set have the same `kid`.
    case ambiguousKeys
    /// Sealed under another master key.
    case wrongMasterKey(MasterKey.ID)
    /// Not a sealed value, or sealed for another purpose, bound to something else, or changed.
    case unsealable
    /// The cryptographic library refused work that it should do: out of memory or misconfigured.
    case libraryFailure
}
