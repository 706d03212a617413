public import JOSE
public import OAuthTypes

/// Makes and reads initial access tokens: RFC 7591 §1.2, §3.
///
/// A token names itself and its end under a MAC, so that none need be stored: one that is good once is remembered when it
/// was used.
///
/// Layout, as base64url: key id (4 bytes), number (16), end in seconds (8, big endian), whether it is good once (1),
/// HMAC-SHA-256 over these (32).
public struct InitialAccessTokens: Sendable {
    /// How often a token is good.
    public enum Use: UInt8, Sendable {
        /// For any number of clients.
        case often = 0
        /// For one client.
        case once = 1
    }

    /// A token that was read: ours, and not expired.
    struct Read: Sendable {
        let use: Use
        let expiresAt: Timestamp
        let digest: TokenDigest
    }

    private static let count = 61
    private static let macStart = 29

    private struct Maker {
        let keyID: [UInt8]
        let mac: HMACSHA256

        init(_ masterKey: MasterKey) {
            keyID = masterKey.id.bytes
            mac = HMACSHA256(key: masterKey.subkey(purpose: "initial access tokens"))
        }
    }

    private let maker: Maker
    private let predecessors: [Maker]

    /// Tokens under a master key; those of its predecessors are read as well.
    public init(_ masterKey: MasterKey) {
        maker = Maker(masterKey)
        predecessors = masterKey.predecessors.map(Maker.init)
    }

    /// A new token.
    public func make(_ use: Use, until end: Timestamp, random: some RandomSource) -> String {
        var bytes = maker.keyID + random.bytes(16)
        withUnsafeBytes(of: end.seconds.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(use.rawValue)
        maker.mac.authenticate(bytes.span).append(to: &bytes)
        return Base64URL.encode(bytes.span)
    }

    /// Nil for anything that this server did not make, and for what has expired.
    func read(_ token: String, at now: Timestamp) -> Read? {
        guard let bytes = Base64URL.decode(token), bytes.count == InitialAccessTokens.count,
            let maker = ([maker] + predecessors).first(where: { bytes.starts(with: $0.keyID) })
        else { return nil }
        let named = bytes.span.extracting(..<InitialAccessTokens.macStart)
        guard maker.mac.isValid(bytes.span.extracting(InitialAccessTokens.macStart...), for: named),
            let use = Use(rawValue: bytes[28])
        else { return nil }
        let seconds = bytes[20..<28].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard now.seconds < seconds else { return nil }
        return Read(
            use: use, expiresAt: Timestamp(seconds: seconds),
            digest: TokenDigest(of: "initial access token " + token))
    }
}
