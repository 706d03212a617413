public import JOSE

/// Why there are no keys, or none newer than those at hand.
///
/// Names no address, so that it may be logged.
public enum KeySetFailure: Error, Sendable, Equatable {
    /// The address is not https, or cannot be read.
    case unsafeAddress
    /// Nobody answers there.
    case unreachable
    /// The certificate does not prove the host.
    case untrusted
    /// No whole answer in time.
    case timedOut
    /// An answer of this status in place of the document.
    case refused(status: Int)
    /// The document is over the limit.
    case oversize
    /// What came is no JSON document of the kind.
    case malformedDocument
    /// The discovery document is of another issuer: OpenID Connect Discovery §4.3.
    case wrongIssuer
    /// The key set cannot be used: RFC 7517 §5.
    case unusableKeys(JOSEError)
    /// The task was cancelled before the keys were there.
    case cancelled
}
