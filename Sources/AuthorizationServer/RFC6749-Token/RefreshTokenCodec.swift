import JOSE
import OAuthTypes

/// Makes and reads refresh tokens.
///
/// A token names its grant and its number in the grant's row of tokens, under a MAC. So a successor is derived, never
/// stored: the retry of a request gets the same one, and any spent token of the family is recognised as spent, however
/// old. A forger would need the master key and the grant's 128 random bits.
///
/// A token of a predecessor of the master key is read as well: its successor is made under the new one.
///
/// Layout, as base64url: key id (4 bytes), grant (16), generation (8, big endian), HMAC-SHA-256 over these (32).
struct RefreshTokenCodec: Sendable {
    private static let length = 60
    private static let macStart = 28

    private struct Maker {
        let keyID: [UInt8]
        let mac: HMACSHA256

        init(_ masterKey: MasterKey) {
            keyID = masterKey.id.bytes
            mac = HMACSHA256(key: masterKey.subkey(purpose: "refresh tokens"))
        }
    }

    private let maker: Maker
    private let predecessors: [Maker]

    init(_ masterKey: MasterKey) {
        maker = Maker(masterKey)
        predecessors = masterKey.predecessors.map(Maker.init)
    }

    func token(of grant: GrantID, generation: Int64) -> String? {
        guard let name = Base64URL.decode(grant.rawValue), name.count == 16 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(RefreshTokenCodec.length)
        bytes += maker.keyID
        bytes += name
        withUnsafeBytes(of: generation.bigEndian) { bytes.append(contentsOf: $0) }
        let code = maker.mac.authenticate(bytes.span)
        code.append(to: &bytes)
        return Base64URL.encode(bytes.span)
    }

    /// Nil for anything that this server did not make.
    func read(_ token: String) -> (grant: GrantID, generation: Int64)? {
        guard let bytes = Base64URL.decode(token), bytes.count == RefreshTokenCodec.length,
            let maker = bytes.starts(with: maker.keyID)
                ? maker : predecessors.first(where: { bytes.starts(with: $0.keyID) })
        else { return nil }
        let named = bytes.span.extracting(..<RefreshTokenCodec.macStart)
        let code = bytes.span.extracting(RefreshTokenCodec.macStart...)
        guard maker.mac.isValid(code, for: named) else { return nil }
        let generation = bytes[20..<28].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return (GrantID(rawValue: Base64URL.encode(named.extracting(4..<20))), generation)
    }
}
