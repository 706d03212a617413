/// Gets the documents that an issuer publishes.
///
/// `HTTPKeySetSource` is the one that comes along; a service with an HTTP client of its own conforms with that.
public protocol KeySetSource: Sendable {
    /// The document at an address, unless it still has this entity tag (RFC 9110 §13.1.2).
    ///
    /// - Throws: `KeySetFailure`, and within a bounded time: others wait for the answer.
    func document(at address: String, unless validator: String?) async throws(KeySetFailure) -> PublishedDocument
}

/// What came from an issuer.
public enum PublishedDocument: Sendable, Equatable {
    /// The document, for how long the answer allows to use it, and its entity tag.
    case document([UInt8], lifetime: Duration?, validator: String?)
    /// It is still the one with that tag: status 304.
    case unchanged(lifetime: Duration?)
}
