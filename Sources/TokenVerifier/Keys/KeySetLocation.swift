internal import JOSE
internal import JSON

/// Where an issuer's keys are.
enum KeySetLocation: Sendable {
    /// Where its discovery document says: OpenID Connect Discovery §4, RFC 8414 §3.
    case issuer(String)
    /// At this address.
    case address(String)

    /// What came of asking.
    struct Answer: Sendable {
        /// The keys; `nil` if they are still those with that entity tag.
        let keys: JWKSet?
        let lifetime: Duration?
        let validator: String?
        /// Where the keys are.
        let address: String
    }

    /// Asks for the keys; `known` is where they were lately, and `validator` the entity tag of those at hand.
    func ask(
        _ source: any KeySetSource, known: String?, validator: String?
    ) async throws(KeySetFailure) -> Answer {
        let address: String
        switch self {
        case .address(let fixed): address = fixed
        case .issuer(let issuer):
            if let known { address = known } else { address = try await Self.discover(issuer, source) }
        }
        // A tag says nothing about a document elsewhere.
        switch try await source.document(at: address, unless: known == address ? validator : nil) {
        case .unchanged(let lifetime):
            guard let validator, known == address else { throw .malformedDocument }
            return Answer(keys: nil, lifetime: lifetime, validator: validator, address: address)
        case .document(let bytes, let lifetime, let validator):
            return Answer(keys: try Self.keys(bytes), lifetime: lifetime, validator: validator, address: address)
        }
    }

    private static func keys(_ bytes: [UInt8]) throws(KeySetFailure) -> JWKSet {
        guard let document = try? JSONObject(parsing: bytes) else { throw .malformedDocument }
        do { return try JWKSet(document) } catch { throw .unusableKeys(error) }
    }

    private static func discover(_ issuer: String, _ source: any KeySetSource) async throws(KeySetFailure) -> String {
        var document: PublishedDocument
        do {
            document = try await source.document(at: openIDAddress(issuer), unless: nil)
        } catch .refused(status: 404) {
            document = try await source.document(at: oauthAddress(issuer), unless: nil)
        }
        guard case .document(let bytes, _, _) = document, let metadata = try? JSONObject(parsing: bytes),
            let named = metadata["issuer"]?.string, let address = metadata["jwks_uri"]?.string
        else { throw .malformedDocument }
        // Whoever can serve a document at that address must not speak for another issuer.
        guard named.utf8.elementsEqual(issuer.utf8) else { throw .wrongIssuer }
        return address
    }

    /// OpenID Connect Discovery §4.1: behind the issuer, without a slash between that ends it.
    static func openIDAddress(_ issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// RFC 8414 §3.1: between the host and the path.
    static func oauthAddress(_ issuer: String) -> String {
        let word = "/.well-known/oauth-authorization-server"
        let bare = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        var slashes = 0
        guard
            let path = bare.firstIndex(where: { character in
                if character == "/" { slashes += 1 }
                return slashes == 3
            })
        else { return bare + word }
        return bare[..<path] + word + bare[path...]
    }
}
