@testable import JOSE
@testable import JSON

extension FuzzTarget {
    /// Claims that are signed rightly: RFC 7519, and the same token within another: §5.2.
    ///
    /// The bytes are header and claims with a 0x1F between, authenticated with a secret that both sides know.
    static let claims = FuzzTarget(name: "claims", longestInput: 384) { bytes throws(Violation) in
        let parts = bytes.split(separator: 0x1F, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0) }
        guard parts.count == 2, let mac = try? MACKey(secret, for: .hs256) else { return }
        let input = Base64URL.encode(parts[0]) + "." + Base64URL.encode(parts[1])
        let token = input + "." + HMACSHA256(key: secret).authenticate(Array(input.utf8)).base64URL
        let verified = try? VerifiedJWT(token, authenticatedBy: mac, as: expectation)
        if let verified {
            guard let members = try? JSONObject(parsing: parts[1]) else { throw Violation("claims that are no object") }
            try require(verified.claims.members == members, "other claims than were signed", token)
            try require(isSame(members["iss"]?.string, "a"), "of another issuer", token)
            try require(mentions(members["aud"], "b"), "for another audience", token)
            try require((members["exp"]?.number ?? 0) >= Double(now + 1 - leeway), "expired", token)
            try require((members["nbf"]?.number ?? 0) <= Double(now + leeway), "not yet valid", token)
            try require((members["iat"]?.number ?? 0) <= Double(now + leeway), "of the future", token)
            try require(verified.key == nil, "a key that did not sign")
        }
        try require(
            (try? VerifiedJWT(input + ".AAAA", authenticatedBy: mac, as: expectation)) == nil, "without its code")
        try isTheSameWithinAnother(token, mac, verified)
    }

    private static func isTheSameWithinAnother(
        _ token: String, _ mac: MACKey, _ verified: VerifiedJWT?
    ) throws(Violation) {
        guard
            let key = try? SharedEncryptionKey(secret, algorithm: .direct),
            let outer = try? JWEEncrypter(under: key, encryption: .a256GCM, contentType: .jwt).encrypt(token),
            let jwe = try? CompactJWE(parsing: outer).decrypted(under: key)
        else { throw Violation("cannot be nested", token) }
        let inner = try? UnverifiedJWT(in: jwe).verified(with: mac, as: expectation)
        try require(inner?.claims == verified?.claims, "nested it differs", token)
        try require(inner?.header == verified?.header, "nested its header differs", token)
    }

    private static let secret = Secret([UInt8](repeating: 7, count: 32))
    private static let now: Int64 = 1_700_000_000
    private static let leeway: Int64 = 10
    private static let expectation = JWTExpectation(
        type: .absentOr(.jwt), issuer: .exactly("a"), audience: .contains("b"), now: now, leeway: leeway)

    private static func mentions(_ audience: JSONValue?, _ name: String) -> Bool {
        isSame(audience?.string, name) || (audience?.array ?? []).contains { isSame($0.string, name) }
    }
}
