public import JSON

/// The document at `/.well-known/webauthn` of the RP ID's host: WebAuthn §5.11.
///
/// Names the pages under other hosts that may use its passkeys.
public struct RelatedOrigins: JSONEncodable, Equatable {
    /// The origins, serialized.
    public let origins: [String]

    /// A document that names some origins.
    public init(_ origins: [String]) { self.origins = origins }

    /// Writes the document.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in writer.member("origins", origins) }
    }
}
