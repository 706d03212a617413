internal import JSON

/// A JWS in JSON serialization, general or flattened, taken apart and not verified: RFC 7515 §7.2.
///
/// No endpoint takes one; it is here for content with several signatures, and reads what RFC 7520 shows.
public struct JSONJWS: Sendable {
    private let contents: [SignedContent]

    /// The longest document that is looked at by default, in bytes.
    public static let limit = 64 * 1024

    /// The most signatures that one may have: each costs a verification.
    public static let mostSignatures = 8

    private static let depth = 12

    /// Takes a document apart.
    ///
    /// `detached` is the payload of a document that has none (appendix F); then one that has its own is refused. Throws
    /// `oversize`, `malformedToken`, `malformedHeader` or `criticalExtension`, also if only one of the signatures is so.
    public init(parsing document: [UInt8], over detached: [UInt8]? = nil, limit: Int = JSONJWS.limit) throws(JOSEError)
    {
        guard document.count <= limit else { throw .oversize }
        let members: JSONObject
        do { members = try JSONObject(parsing: document, limits: JSONLimits(bytes: limit, depth: Self.depth)) } catch {
            throw .malformedToken
        }
        var contents: [SignedContent] = []
        for entry in try Self.signatures(in: members) {
            let (protected, header) = try Self.header(of: entry)
            guard let signature = try Self.text("signature", in: entry).flatMap({ Base64URL.decode($0) }) else {
                throw .malformedToken
            }
            let payload = try Self.payload(in: members, detached, isEncoded: header.encodesPayload)
            contents.append(
                SignedContent(protected: protected, header: header, payload: payload, signature: signature))
        }
        // RFC 7797 §3: or the signatures would be over different contents.
        guard let first = contents.first,
            contents.allSatisfy({ $0.header.encodesPayload == first.header.encodesPayload })
        else { throw .malformedToken }
        self.contents = contents
    }

    /// The payload and who signed it, by the first signature that one of these keys made; others may be of anybody.
    ///
    /// Throws `wrongType`, `unknownKey`, `wrongAlgorithm` or `invalidSignature`: what the last one lacks.
    public func verified(
        with keys: some VerificationKeys, allowing algorithms: AllowedAlgorithms = .assigned,
        expecting type: JWSType.Expectation
    ) throws(JOSEError) -> VerifiedJWS {
        try first { content throws(JOSEError) in
            try content.verified(with: keys, allowing: algorithms, expecting: type)
        }
    }

    /// The payload, by the first signature that was made with this secret.
    ///
    /// Throws as for keys.
    public func verified(with key: MACKey, expecting type: JWSType.Expectation) throws(JOSEError) -> VerifiedJWS {
        try first { content throws(JOSEError) in try content.verified(with: key, expecting: type) }
    }

    private func first(_ verify: (SignedContent) throws(JOSEError) -> VerifiedJWS) throws(JOSEError) -> VerifiedJWS {
        var failure = JOSEError.malformedToken
        for content in contents {
            do { return try verify(content) } catch { failure = error }
        }
        throw failure
    }
}

extension JSONJWS {
    /// The entries of the general form (§7.2.1), or the members themselves of the flattened one (§7.2.2).
    private static func signatures(in members: JSONObject) throws(JOSEError) -> [JSONObject] {
        guard let value = members["signatures"] else { return [members] }
        guard members["signature"] == nil, members["protected"] == nil, members["header"] == nil,
            let values = value.array
        else { throw .malformedToken }
        guard values.count <= mostSignatures else { throw .oversize }
        let entries = values.compactMap(\.object)
        guard entries.count == values.count else { throw .malformedToken }
        return entries
    }

    private static func header(of entry: JSONObject) throws(JOSEError) -> (encoded: [UInt8], JOSEHeader) {
        let encoded = Array((try text("protected", in: entry) ?? "").utf8)
        guard encoded.count <= Base64URL.encodedCount(JOSEHeader.limit) else { throw .oversize }
        var protected = JSONObject()
        if entry["protected"] != nil {
            guard let bytes = Base64URL.decode(encoded.span) else { throw .malformedToken }
            protected = try JOSEHeader.members(bytes)
        }
        var unprotected = JSONObject()
        if let value = entry["header"] {
            guard let members = value.object else { throw .malformedHeader }
            unprotected = members
        }
        return (
            encoded,
            try JOSEHeader(
                protected: protected, unprotected: unprotected, understanding: SignedContent.extensions)
        )
    }

    private static func payload(
        in members: JSONObject, _ detached: [UInt8]?, isEncoded: Bool
    ) throws(JOSEError) -> [UInt8] {
        switch (try text("payload", in: members), detached) {
        case (nil, let detached?): return detached
        case (let payload?, nil):
            guard isEncoded else { return Array(payload.utf8) }
            guard let bytes = Base64URL.decode(payload) else { throw .malformedToken }
            return bytes
        default: throw .malformedToken
        }
    }

    private static func text(_ name: String, in members: JSONObject) throws(JOSEError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw .malformedToken }
        return text
    }
}
