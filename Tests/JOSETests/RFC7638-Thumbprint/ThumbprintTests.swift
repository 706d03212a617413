import JOSE
import JSON
import Testing

@Suite("RFC 7638 thumbprint")
struct ThumbprintTests {
    /// The key of RFC 9449 §6.1, whose thumbprint that RFC prints.
    static let key: JSONObject = [
        "kty": "EC", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA", "crv": "P-256",
    ]

    @Test func isTheDigestOfTheRequiredMembersInOrder() throws {
        #expect(try PublicKey(jwk: Self.key).thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
        let canonical =
            #"{"crv":"P-256","kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","#
            + #""y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}"#
        #expect(try PublicKey(jwk: Self.key).thumbprint == SHA256.digest(of: canonical).base64URL)
    }

    @Test func otherMembersDoNotChangeIt() throws {
        var named = Self.key
        named["kid"] = "a"
        named["alg"] = "ES256"
        named["use"] = "sig"
        #expect(try PublicKey(jwk: named).thumbprint == PublicKey(jwk: Self.key).thumbprint)
        #expect(try PublicKey(jwk: named).keyID == "a")
        #expect(try PublicKey(jwk: Self.key).keyID == PublicKey(jwk: Self.key).thumbprint)
    }

    @Test func differsForAnotherKey() throws {
        let key = try SigningKey.generate()
        #expect(key.keyID == key.publicKey.thumbprint)
        #expect(try key.keyID != SigningKey.generate().keyID)
    }
}
