import JSON
import Testing

@testable import JOSE

@Suite("RFC 8037 keys of octets")
struct OctetCurveTests {
    /// The key of appendix A.1.
    static let jwk: JSONObject = [
        "kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ]

    static var publicJWK: JSONObject {
        var jwk = jwk
        jwk["d"] = nil
        return jwk
    }

    /// Appendix A.3 to A.5.
    @Test func signsTheExampleOfTheRFC() throws {
        let key = try SigningKey(privateJWK: Self.jwk)
        #expect(key.algorithm == .edDSA)
        #expect(key.keyID == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        let signature =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(Base64URL.encode(try key.sign(Array(input.utf8))) == signature)
        let jws = try CompactJWS(parsing: input + "." + signature)
            .verified(with: PublicKey(jwk: Self.publicJWK), expecting: .absentOr(.jwt))
        #expect(jws.payload == Array("Example of Ed25519 signing".utf8))
        #expect(throws: JOSEError.invalidSignature) {
            try CompactJWS(parsing: input + "." + signature)
                .verified(with: SigningKey.generate(.edDSA).publicKey, expecting: .absentOr(.jwt))
        }
    }

    static let badKeys: [(JSONObject, JOSEError)] = [
        (["d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyufw"], JOSEError.invalidKey),
        (["d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2E"], .invalidKey),
        (["d": 1], .invalidKey), (["crv": "Ed448"], .unsupportedKey), (["crv": "X25519"], .invalidKey),
        (["crv": .null], .invalidKey), (["kty": "EC"], .unsupportedKey), (["alg": "ES256"], .unsupportedKey),
        (["x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ"], .invalidKey),
    ]

    @Test(arguments: badKeys)
    func refusesAPrivateKey(_ change: JSONObject, _ error: JOSEError) throws {
        var jwk = Self.jwk
        for member in change { jwk[member.name] = member.value }
        #expect(throws: error) { try SigningKey(privateJWK: jwk) }
        #expect(throws: Never.self) { try SigningKey(privateJWK: Self.jwk) }
        #expect(OpenSSLErrors.isEmpty)
    }

    /// Points of order 1, 2, 4 and 8 in every spelling: under them a signature of zeros can be valid for any message.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        // No point of the curve at all.
        "0200000000000000000000000000000000000000000000000000000000000000",
        "0700000000000000000000000000000000000000000000000000000000000000",
    ])
    func refusesAPublicKeyThatProvesNothing(_ hex: String) throws {
        let jwk = Self.publicJWK.with("x", .string(Base64URL.encode(bytes(hex: hex))))
        #expect(throws: JOSEError.invalidKey) { try PublicKey(jwk: jwk) }
        #expect(throws: Never.self) { try PublicKey(jwk: Self.publicJWK) }
        #expect(OpenSSLErrors.isEmpty)
    }

    /// RFC 7748 §6.1: with these every agreement ends in zeros.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func refusesAPointOfSmallOrderForAgreement(_ hex: String) throws {
        let jwk: JSONObject = ["kty": "OKP", "crv": "X25519", "x": .string(Base64URL.encode(bytes(hex: hex)))]
        #expect(throws: JOSEError.invalidKey) { try EncryptionKey(jwk: jwk) }
        // RFC 8037 appendix A.6.
        #expect(throws: Never.self) {
            try EncryptionKey(jwk: jwk.with("x", "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"))
        }
    }

    @Test func everyKeyItMakesIsOnTheCurve() throws {
        for _ in 0..<200 {
            let made = try PrivateMaterial.generate(OctetCurve.ed25519).publicPart
            guard case .okp(_, let x) = made.shape else { return }
            #expect(EdwardsCurve.hasPoint(y: Array(x[..<31]) + [x[31] & 0x7F]))
        }
        // Half of all numbers are no point.
        let points = (2..<200).count { EdwardsCurve.hasPoint(y: [UInt8($0)] + [UInt8](repeating: 0, count: 31)) }
        #expect((70..<130).contains(points))
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func agreesWithWycheproof() throws {
        let tests = try Vectors.wycheproof("ed25519_test")
        #expect(tests.count == 151)
        for (group, test) in tests {
            let key = try PublicKey(jwk: try #require(group["publicKeyJwk"]?.object))
            let signature = try test.hex("sig"), message = try test.hex("msg")
            #expect(try key.isValid(signature, over: message) == test.isValid, "\(test.number)")
        }
        #expect(OpenSSLErrors.isEmpty)
    }
}
