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

    /// RFC 7638 §3.1 and RFC 8037 appendix A.3.
    @Test func agreesWithTheExamplesOfTheRFCs() throws {
        let rsa: JSONObject = [
            "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
            "n": .string(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV"
                    + "4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9"
                    + "c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls"
                    + "1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        ]
        #expect(try PublicKey(jwk: rsa).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        let okp: JSONObject = ["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
        #expect(try PublicKey(jwk: okp).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    /// One key has one thumbprint, whatever it is for.
    @Test func keysToEncryptToHaveOneToo() throws {
        var jwk = Self.key
        jwk["use"] = "enc"
        #expect(try EncryptionKey(jwk: jwk).thumbprint == PublicKey(jwk: Self.key).thumbprint)
        for kind in [DecryptionKey.Kind.p384, .p521, .x25519] {
            let key = try DecryptionKey.generate(kind)
            #expect(key.keyID == key.publicKey.thumbprint && key.keyID.utf8.count == 43)
        }
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
