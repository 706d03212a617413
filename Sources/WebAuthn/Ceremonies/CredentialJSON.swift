internal import JOSE
internal import JSON

/// The JSON that `PublicKeyCredential.toJSON()` makes in a browser: WebAuthn §5.1.
///
/// Members that are not used are passed over; `clientExtensionResults` is one of them (§7.1 step 28).
struct CredentialJSON {
    let credentialID: [UInt8]
    private let response: JSONObject

    /// The longest text, in bytes: the parts at their longest, in base64url, and what else a browser adds.
    static let longest = 256 * 1024

    /// Throws `malformedAnswer`.
    init(_ text: Span<UInt8>) throws(WebAuthnError) {
        let limits = JSONLimits(bytes: Self.longest, depth: 16)
        guard let members = try? JSONObject(parsing: text, limits: limits), members["type"]?.string == "public-key",
            let id = members["id"]?.string, let credentialID = Base64URL.decode(id),
            AttestedCredential.idCounts.contains(credentialID.count), let response = members["response"]?.object
        else { throw .malformedAnswer }
        // The same thing twice; `rawId` is what older scripts call it alone.
        if let rawID = members["rawId"] {
            guard let rawID = rawID.string, rawID.utf8.elementsEqual(id.utf8) else { throw .malformedAnswer }
        }
        self.credentialID = credentialID
        self.response = response
    }

    /// A part of the response in base64url; throws `malformedAnswer` if it is not there.
    func octets(_ name: String) throws(WebAuthnError) -> [UInt8] {
        guard let bytes = response[name]?.string.flatMap({ Base64URL.decode($0) }) else { throw .malformedAnswer }
        return bytes
    }

    /// A part that may be missing or `null`.
    func optionalOctets(_ name: String) throws(WebAuthnError) -> [UInt8]? {
        guard let value = response[name], !value.isNull else { return nil }
        return try octets(name)
    }

    /// `transports`, which may be missing.
    func transports() throws(WebAuthnError) -> [String] {
        guard let value = response["transports"], !value.isNull else { return [] }
        guard let names = value.array?.map(\.string), !names.contains(nil) else { throw .malformedAnswer }
        return names.compactMap { $0 }
    }
}
