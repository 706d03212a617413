import JSON
import Testing

@testable import JOSE

@Suite("RFC 3394 AES key wrap")
struct AESKeyWrapTests {
    /// §4.1, §4.3, §4.6: those of the two key lengths in use.
    @Test(arguments: [
        (16, "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"),
        (32, "00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
        (
            32, "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
            "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
        ),
    ])
    func givesTheExamplesOfSection4(_ count: Int, _ key: String, _ wrapped: String) throws {
        let wrapping = Secret((0..<UInt8(count)).map { $0 }), key = Secret(bytes(hex: key))
        #expect(try AESKeyWrap.wrap(key, under: wrapping) == bytes(hex: wrapped))
        #expect(try unwrap(bytes(hex: wrapped), under: wrapping) == key)
    }

    @Test func refusesAnyChange() throws {
        let wrapping = Secret(SystemRandom().bytes(16)), key = Secret(SystemRandom().bytes(32))
        let wrapped = try AESKeyWrap.wrap(key, under: wrapping)
        for place in wrapped.indices {
            var changed = wrapped
            changed[place] ^= 1
            #expect(try unwrap(changed, under: wrapping) == nil)
            #expect(try unwrap(Array(wrapped[..<place]), under: wrapping) == nil)
        }
        #expect(try unwrap(wrapped + [0], under: wrapping) == nil)
        #expect(try unwrap(wrapped, under: Secret(SystemRandom().bytes(16))) == nil)
        #expect(try unwrap(wrapped, under: wrapping) == key)
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func agreesWithWycheproof() throws {
        let tests = try Vectors.wycheproof("aes_wrap_test").filter { $0.group["keySize"] != 192 }
        #expect(tests.count == 110)
        for (_, test) in tests {
            let wrapping = Secret(try test.hex("key")), key = Secret(try test.hex("msg"))
            let wrapped = try test.hex("ct")
            // Keys shorter than 16 bytes are "acceptable" there and not a key of anything here.
            let unwrapped = try unwrap(wrapped, under: wrapping)
            #expect(unwrapped == (test.isValid ? key : nil), "\(test.number)")
            if test.isValid { #expect(try AESKeyWrap.wrap(key, under: wrapping) == wrapped, "\(test.number)") }
        }
    }

    private func unwrap(_ wrapped: [UInt8], under key: Secret) throws -> Secret? {
        try AESKeyWrap.unwrap(wrapped.span, under: key)
    }
}

@Suite("RFC 7518 §4.6 ECDH-ES")
struct KeyAgreementTests {
    /// Appendix C: Alice's ephemeral key and Bob's key.
    static let alice: JSONObject = [
        "kty": "EC", "crv": "P-256", "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps", "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
    ]
    static let bob: JSONObject = [
        "kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    ]

    @Test func derivesTheKeyOfAppendixC() throws {
        let alice = try PrivateMaterial(jwk: Self.alice), bob = try PrivateMaterial(jwk: Self.bob)
        for (own, other) in [(alice, bob), (bob, alice)] {
            let agreement = try #require(KeyAgreement(own.key, own.publicPart.shape))
            let derived = try agreement.agree(with: other.publicPart.key)
                .derive(for: .ecdhES, .a128GCM, partyU: Array("Alice".utf8), partyV: Array("Bob".utf8))
            #expect(derived.withBytes { Base64URL.encode($0) } == "VqqN6vgjbSBcIijNcacQGg")
        }
    }

    /// RFC 7748 §6.1: Bob's private key and Alice's public one.
    @Test func agreesOnCurve25519() throws {
        let bob = try OctetCurve.x25519.key(
            bytes(hex: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
        let alice = try OctetCurve.x25519.publicKey(
            bytes(hex: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
        let agreement = try #require(KeyAgreement(bob, .okp(.x25519, x: [])))
        #expect(
            try agreement.agree(with: alice)
                == Secret(bytes(hex: "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")))
    }

    /// What is derived for one purpose is of no use for another.
    @Test func everythingThatIsToldGoesIntoTheKey() {
        let agreed = Secret([UInt8](repeating: 1, count: 32))
        func derive(_ algorithm: String, _ apu: [UInt8], _ apv: [UInt8], _ count: Int = 32) -> Secret {
            ConcatKDF.derive(from: agreed, algorithm: algorithm, apu: apu, apv: apv, count: count)
        }
        let one = derive("A256GCM", [1], [2])
        #expect(one == derive("A256GCM", [1], [2]))
        for other in [
            derive("A128CBC-HS256", [1], [2]), derive("A256GCM", [2], [1]), derive("A256GCM", [1, 2], []),
            derive("A256GCM", [], [1, 2]), derive("A256GCM", [1], [2], 64).withBytes { Secret($0.extracting(..<32)) },
        ] {
            #expect(one != other)
        }
        #expect(derive("A256CBC-HS512", [], [], 64).count == 64)
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func agreesWithWycheproof() throws {
        let tests = try Vectors.wycheproof("ecdh_secp256r1_ecpoint_test")
        #expect(tests.count == 355)
        var seen = 0
        for (_, test) in tests {
            let point = try test.hex("public")
            // A JWK holds both coordinates: compressed points cannot be written.
            guard point.count == 65, point[0] == 4 else { continue }
            seen += 1
            var number = try test.hex("private").drop { $0 == 0 }
            number = [UInt8](repeating: 0, count: 32 - number.count) + number
            var parts = try KeyParameters()
            parts.add("group", text: EllipticCurve.p256.group)
            parts.add("priv", number: Array(number))
            let key = try parts.key("EC", .pair)
            let agreement = try #require(KeyAgreement(key, .ec(.p256, x: [], y: [])))
            let jwk: JSONObject = [
                "kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode(Array(point[1...32]))),
                "y": .string(Base64URL.encode(Array(point[33...]))),
            ]
            let shape = PublicMaterial.Shape.ec(.p256, x: [], y: [])
            let secret: Secret?
            do { secret = try agreement.agree(with: shape.ephemeralKey(jwk)) } catch { secret = nil }
            #expect(secret == (test.isValid ? Secret(try test.hex("shared")) : nil), "\(test.number)")
        }
        #expect(seen > 200)
        #expect(OpenSSLErrors.isEmpty)
    }
}

@Suite("RFC 7518 §4.3 RSA-OAEP")
struct RSAOAEPTests {
    @Test func givesBackOnlyWhatWasEncryptedInTheSameWay() throws {
        let key = try PrivateMaterial.generate(.bits2048).key
        let ours = RSAOAEP.Contexts(key, .encrypt), theirs = RSAOAEP.Contexts(key, .decrypt)
        let secret = Secret(SystemRandom().bytes(64))
        for padding in [RSAOAEP.sha1, .sha256] {
            let encrypted = try ours.encrypt(secret, padding)
            #expect(encrypted.count == 256)
            #expect(try theirs.decrypt(encrypted, padding) == secret)
            #expect(try theirs.decrypt(encrypted, padding == .sha1 ? .sha256 : .sha1) == nil)
            for place in stride(from: 0, to: 256, by: 17) {
                var changed = encrypted
                changed[place] ^= 1
                #expect(try theirs.decrypt(changed, padding) == nil)
            }
            #expect(try theirs.decrypt([UInt8](repeating: 0, count: 256), padding) == nil)
            #expect(try theirs.decrypt([UInt8](repeating: 0xFF, count: 256), padding) == nil)
        }
        #expect(OpenSSLErrors.isEmpty)
    }
}
