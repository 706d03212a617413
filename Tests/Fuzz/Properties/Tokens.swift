@testable import AuthorizationServer
@testable import JOSE
@testable import JSON
@testable import OAuthTypes

extension FuzzTarget {
    /// Signed tokens in compact form: RFC 7515 §3.1, RFC 7519.
    ///
    /// The bytes are three parts as people would write them, with a 0x1F between: base64 by mutation alone would hardly
    /// ever hold JSON. With no 0x1F they are the token itself.
    static let tokens = FuzzTarget(name: "tokens", longestInput: 384) { bytes throws(Violation) in
        var text = bytes
        if bytes.contains(0x1F) {
            text = Array(
                bytes.split(separator: 0x1F, omittingEmptySubsequences: false)
                    .map { Base64URL.encode(Array($0)) }.joined(separator: ".").utf8)
        }
        guard let token = try? CompactJWS(parsing: text.span) else { return }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        try require(parts.count == 3, "not three parts")
        for part in parts {
            guard let bytes = Base64URL.decode(String(decoding: part, as: UTF8.self)) else {
                throw Violation("a part that is not base64url", part)
            }
            // One token, one spelling: digests of tokens are kept.
            try require(Base64URL.encode(bytes).utf8.elementsEqual(part), "a part with a second spelling")
        }
        try require(
            (try? token.verified(with: KeyLookup { _ in nil }, expecting: .absentOr(.jwt))) == nil,
            "verified without a key")
        guard let jwt = try? UnverifiedJWT(parsing: String(decoding: text, as: UTF8.self)),
            let claims = try? jwt.unverifiedClaims()
        else { return }
        try require(jwt.header == token.header, "two readings of one header")
        guard let again = try? JWTClaims(claims.members) else { throw Violation("claims that cannot be read again") }
        try require(again == claims, "claims that differ when read again")
    }

    /// The `Authorization` field of a client: RFC 7617, RFC 6749 §2.3.1.
    ///
    /// With a 0x1F first, what follows is encoded before it is read.
    static let credentials = FuzzTarget(name: "credentials", longestInput: 192) { bytes throws(Violation) in
        let field =
            bytes.first == 0x1F
            ? "Basic " + Base64.encode(Array(bytes.dropFirst())) : String(decoding: bytes, as: UTF8.self)
        let split = AuthorizationField(field)
        try require(split.credentials.first != " ", "credentials that begin with a space", field)
        guard let credentials = try? ClientCredentials(authorization: field, form: FormParameters()) else { return }
        guard let secret = credentials.secret else { throw Violation("Basic credentials without a secret", field) }
        try require(split.scheme == .basic && credentials.method == .clientSecretBasic, "another scheme", field)
        try require(!secret.utf8.contains(0), "a NUL byte in the secret", field)
        let parts = [credentials.id.rawValue, secret].map(FormParameters.encode)
        let again = try? ClientCredentials(
            authorization: "Basic " + Base64.encode(Array(parts.joined(separator: ":").utf8)), form: FormParameters())
        try require(
            isSame(again?.id.rawValue, credentials.id.rawValue) && isSame(again?.secret, secret),
            "written again it differs", field)
    }
}
