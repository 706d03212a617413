import JSON
import Testing

@testable import JOSE

/// The examples of appendix A; A.3 is `Example.token`.
@Suite("RFC 7515 appendix A")
struct RFC7515ExamplesTests {
    static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    static let secret: JSONObject = [
        "kty": "oct", "alg": "HS256",
        "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    ]

    static let rsa: JSONObject = [
        "kty": "RSA", "e": "AQAB",
        "n": .string(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS"
                + "-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
                + "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
                + "TW9gb54h4FRWyuXpoQ"),
    ]

    static let rsaSignature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
        + "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jz"
        + "DwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQG"
        + "e77Rw"

    static let p521: JSONObject = [
        "kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    ]

    private func header(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    @Test func a1HS256() throws {
        let key = try MACKey(jwk: Self.secret)
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Self.payload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let jws = try CompactJWS(parsing: token).verified(with: key, expecting: .exactly(.jwt))
        #expect(Base64URL.encode(jws.payload) == Self.payload && jws.key == nil)
        let jwt = JWTExpectation(
            type: .exactly(.jwt), issuer: .exactly("joe"), audience: .anyone, now: 1_300_819_379, leeway: 0)
        #expect(try VerifiedJWT(token, authenticatedBy: key, as: jwt).claims["http://example.com/is_root"] == true)
        #expect(throws: JOSEError.invalidSignature) {
            try CompactJWS(parsing: token.dropLast() + "g").verified(with: key, expecting: .exactly(.jwt))
        }
    }

    @Test func a2RS256() throws {
        let token = header(#"{"alg":"RS256"}"#) + "." + Self.payload + "." + Self.rsaSignature
        let key = try PublicKey(jwk: Self.rsa)
        #expect(key.algorithm == nil)
        let jws = try CompactJWS(parsing: token)
            .verified(with: key, allowing: .oneOf([.ps256, .rs256]), expecting: .absentOr(.jwt))
        #expect(Base64URL.encode(jws.payload) == Self.payload && jws.key == key)
        let other = header(#"{"alg":"RS256" }"#) + "." + Self.payload + "." + Self.rsaSignature
        #expect(throws: JOSEError.invalidSignature) {
            try CompactJWS(parsing: other).verified(with: key, allowing: .oneOf([.rs256]), expecting: .absentOr(.jwt))
        }
    }

    @Test func a4ES512() throws {
        let token =
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34X"
            + "O0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
        let key = try PublicKey(jwk: Self.p521)
        let jws = try CompactJWS(parsing: token).verified(with: key, expecting: .absentOr(.jwt))
        #expect(jws.payload == Array("Payload".utf8) && key.algorithm == .es512)
        let other = token.replacing("UGF5bG9hZA", with: "UGF5bG9hZQ")
        #expect(throws: JOSEError.invalidSignature) {
            try CompactJWS(parsing: other).verified(with: key, expecting: .absentOr(.jwt))
        }
    }

    /// A.5 has no signature at all.
    @Test func a5IsRefusedByEveryKey() throws {
        let token = try CompactJWS(parsing: "eyJhbGciOiJub25lIn0." + Self.payload + ".")
        for jwk in [Self.rsa, Self.p521, Example.jwk] {
            #expect(throws: JOSEError.wrongAlgorithm) {
                try token.verified(
                    with: PublicKey(jwk: jwk), allowing: .oneOf(SignatureAlgorithm.allCases), expecting: .absentOr(.jwt)
                )
            }
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try token.verified(with: MACKey(jwk: Self.secret), expecting: .absentOr(.jwt))
        }
    }

    @Test func a6AndA7InJSON() throws {
        let ec =
            #""protected":"eyJhbGciOiJFUzI1NiJ9","header":{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"},"#
            + #""signature":"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q""#
        let rsa =
            #"{"protected":"eyJhbGciOiJSUzI1NiJ9","header":{"kid":"2010-12-29"},"signature":"\#(Self.rsaSignature)"}"#
        let general = #"{"payload":"\#(Self.payload)","signatures":[\#(rsa),{\#(ec)}]}"#
        let flattened = #"{"payload":"\#(Self.payload)",\#(ec)}"#
        let first = try PublicKey(jwk: Self.rsa.with("kid", "2010-12-29"))
        let second = try PublicKey(jwk: Example.jwk(["kid": "e9bc097a-ce51-4036-9562-d2ade882db0d"]))
        let both = AllowedAlgorithms.oneOf([.rs256, .es256])
        func verified(_ text: String, _ key: PublicKey) throws(JOSEError) -> VerifiedJWS {
            try JSONJWS(parsing: Array(text.utf8)).verified(with: key, allowing: both, expecting: .absentOr(.jwt))
        }
        #expect(try verified(general, first).header.algorithm == "RS256")
        #expect(try verified(general, second).header.algorithm == "ES256")
        #expect(try Base64URL.encode(verified(flattened, second).payload) == Self.payload)
        #expect(throws: JOSEError.unknownKey) { try verified(flattened, first) }
    }
}

extension JSONObject {
    /// The same object with one member more.
    func with(_ name: String, _ value: JSONValue) -> JSONObject {
        var changed = self
        changed[name] = value
        return changed
    }
}
