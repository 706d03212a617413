internal import JOSE
internal import JSON

/// What the browser says it was asked, by whom: WebAuthn §5.8.1.
struct ClientData: Sendable {
    /// The ceremonies, as `type` names them.
    enum Ceremony: String, Sendable {
        case create = "webauthn.create"
        case get = "webauthn.get"
    }

    private let type: String
    private let challenge: String
    private let origin: String
    private let isCrossOrigin: Bool
    private let hasTopOrigin: Bool

    /// Of the bytes as they came: what the authenticator signs.
    let hash: [UInt8]

    /// Many times what browsers send.
    static let longest = 16 * 1024

    /// Members that are not known are passed over, as §5.8.1 demands: browsers add them to keep readers honest.
    ///
    /// Bytes that are not UTF-8 are refused rather than replaced: no browser makes them (§5.8.1.1).
    init(_ bytes: [UInt8]) throws(WebAuthnError) {
        // UTF-8 decode, §7.1 step 5: drops a byte order mark.
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.span.extracting(droppingFirst: 3) : bytes.span
        let limits = JSONLimits(bytes: Self.longest, depth: 8)
        guard let members = try? JSONObject(parsing: text, limits: limits),
            let type = members["type"]?.string, let challenge = members["challenge"]?.string,
            let origin = members["origin"]?.string
        else { throw .malformedClientData }
        if let crossOrigin = members["crossOrigin"] {
            guard let isCrossOrigin = crossOrigin.bool else { throw .malformedClientData }
            self.isCrossOrigin = isCrossOrigin
        } else {
            isCrossOrigin = false
        }
        self.type = type
        self.challenge = challenge
        self.origin = origin
        hasTopOrigin = members["topOrigin"] != nil
        hash = SHA256.digest(of: bytes).bytes
    }

    /// §7.1 steps 7 to 11, §7.2 steps 10 to 14: nobody may frame the pages of this relying party.
    func check(
        _ ceremony: Ceremony, _ expected: WebAuthnChallenge, for relyingParty: WebAuthnRelyingParty
    ) throws(WebAuthnError) {
        guard expected.bytes.count >= WebAuthnChallenge.fewest else { throw .shortChallenge }
        guard type.utf8.elementsEqual(ceremony.rawValue.utf8) else { throw .wrongType }
        guard constantTimeEquals(challenge, expected.text) else { throw .wrongChallenge }
        guard relyingParty.origins.contains(where: { $0.utf8.elementsEqual(origin.utf8) }) else { throw .wrongOrigin }
        guard !isCrossOrigin else { throw .crossOrigin }
        guard !hasTopOrigin else { throw .topOrigin }
    }
}
