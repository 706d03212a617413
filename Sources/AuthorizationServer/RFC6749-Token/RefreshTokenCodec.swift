import JOSE
import OAuthTypes

/// Makes and reads refresh tokens.
///
/// A token names its grant and its number in the grant's row of tokens, under a MAC. So a successor is derived, never
/// stored: the retry of a request gets the same one, and any spent token of the family is recognised as spent, however
/// old. A forger would need the master key and the grant's 128 random bits.
///
/// Layout, as base64url: key id (4 bytes), grant (16), generation (8, big endian), HMAC-SHA-256 over these (32).
struct RefreshTokenCodec: Sendable {
    private static let length = 60
    private static let macStart = 28

    private let keyID: [UInt8]
    private let mac: HMACSHA256

    init(_ masterKey: MasterKey) {
        keyID = masterKey.id.bytes
        mac = HMACSHA256(key: masterKey.subkey(purpose: "refresh tokens"))
    }

    func token(of grant: GrantID, generation: Int64) -> String? {
        guard let name = Base64URL.decode(grant.rawValue), name.count == 16 else { return nil }
        var bytes = keyID + name
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: generation >> Int64(shift)))
        }
        bytes += mac.authenticate(bytes).bytes
        return Base64URL.encode(bytes)
    }

    /// Nil for anything that this server did not make.
    func read(_ token: String) -> (grant: GrantID, generation: Int64)? {
        guard let bytes = Base64URL.decode(token), bytes.count == RefreshTokenCodec.length,
            Array(bytes[..<4]) == keyID
        else { return nil }
        let named = Array(bytes[..<RefreshTokenCodec.macStart])
        let code = Array(bytes[RefreshTokenCodec.macStart...])
        guard mac.isValid(code.span, for: named.span) else { return nil }
        let generation = named[20..<28].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return (GrantID(rawValue: Base64URL.encode(Array(named[4..<20]))), generation)
    }
}
