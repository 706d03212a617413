import JSON
import Testing

@testable import JOSE

@Suite("RFC 7518 ES256")
struct ES256Tests {
    @Test func theTwoSpellingsOfASignatureConvertBothWays() throws {
        for (r, s) in [([1], [1]), ([0x80], [0x7F]), ([0xFF, 0], [1, 0, 0])] as [([UInt8], [UInt8])] {
            func padded(_ bytes: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 32 - bytes.count) + bytes }
            let fixed = padded(r) + padded(s)
            let der = try #require(ECDSASignature.der(fromFixed: fixed))
            let back = try #require(ECDSASignature.fixed(fromDER: der))
            #expect(back == fixed)
        }
        #expect(ECDSASignature.der(fromFixed: (EllipticCurve.p256.order + EllipticCurve.p256.order)) == nil)
    }

    @Test func noChangedByteOfASequenceCrashesTheConversion() throws {
        let der = try #require(ECDSASignature.der(fromFixed: [UInt8](repeating: 0x81, count: 64)))
        for place in der.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = der
                changed[place] = byte
                _ = ECDSASignature.fixed(fromDER: changed)
            }
            #expect(ECDSASignature.fixed(fromDER: Array(der[..<place])) == nil)
        }
        #expect(ECDSASignature.fixed(fromDER: der) != nil)
    }

    @Test func theLargestAllowedHalfIsTheOrderLessOne() throws {
        var largest = EllipticCurve.p256.order
        largest[31] -= 1
        #expect(ECDSASignature.der(fromFixed: (largest + largest)) != nil)
        #expect(ECDSASignature.der(fromFixed: [UInt8](repeating: 0, count: 32) + largest) == nil)
        #expect(ECDSASignature.der(fromFixed: largest + [UInt8](repeating: 0, count: 32)) == nil)
        #expect(ECDSASignature.der(fromFixed: EllipticCurve.p256.order + largest) == nil)
        #expect(ECDSASignature.der(fromFixed: (largest + EllipticCurve.p256.order)) == nil)
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func agreesWithWycheproof() throws {
        let tests = try Vectors.wycheproof("ecdsa_secp256r1_sha256_p1363_test")
        #expect(tests.count == 262)
        for (group, test) in tests {
            let point = try #require(group["publicKey"]).hex("uncompressed")
            let key = try PublicKey(PublicMaterial(.p256, x: Array(point[1..<33]), y: Array(point[33..<65])))
            let signature = try test.hex("sig"), message = try test.hex("msg")
            let isValid = try key.isValid(signature, over: message)
            #expect(isValid == test.isValid, "\(test.number)")
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func aSealedKeyOpensAsTheSameKey() throws {
        let masterKey = try MasterKey(fileContents: SHA256.digest(of: "one").bytes)
        let other = try MasterKey(fileContents: SHA256.digest(of: "two").bytes)
        let key = try SigningKey.generate()
        let sealed = try key.sealed(by: masterKey)
        let opened = try SigningKey(opening: sealed, with: masterKey)
        #expect(opened.publicKey == key.publicKey)
        let message = Array("message".utf8)
        let signature = try opened.sign(message.span)
        let isValid = try key.publicKey.isValid(signature, over: message)
        #expect(isValid)

        #expect(throws: JOSEError.wrongMasterKey(masterKey.id)) { try SigningKey(opening: sealed, with: other) }
        var changed = sealed
        changed[sealed.count - 1] ^= 1
        #expect(throws: JOSEError.unsealable) { try SigningKey(opening: changed, with: masterKey) }
        let asCookie = try masterKey.seal([1, 2, 3], purpose: "cookie", boundTo: [])
        #expect(throws: JOSEError.unsealable) { try SigningKey(opening: asCookie, with: masterKey) }
    }

    @Test func refusesWhatIsNoP256Key() throws {
        let masterKey = try MasterKey(fileContents: SHA256.digest(of: "one").bytes)
        func open(_ pkcs8: [UInt8]) throws(JOSEError) -> SigningKey {
            try SigningKey(opening: masterKey.seal(pkcs8, purpose: "signing key", boundTo: []), with: masterKey)
        }
        // Made with: openssl genpkey, PKCS#8 in DER.
        let p256 = bytes(
            hex:
                "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b02010104208e9b109e719098bf980487df1f5d77e9"
                + "cb29606ebed2263b5f57c213df84f4b2a144034200047fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c"
                + "7bd15445c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad")
        let ed25519 = bytes(
            hex: "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842")
        #expect(try open(p256).publicKey == PublicKey(jwk: Example.jwk))
        #expect(throws: JOSEError.unsupportedKey) { try open(ed25519) }
        #expect(throws: JOSEError.invalidKey) { try open(p256 + [0]) }
        #expect(throws: JOSEError.invalidKey) { try open([]) }
        for end in p256.indices { #expect(throws: JOSEError.self) { try open(Array(p256[..<end])) } }
        // The private part of one key with the public part of another.
        var mixed = p256
        mixed[40] ^= 1
        #expect(throws: JOSEError.invalidKey) { try open(mixed) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func fourThreadsSignAtOnce() async throws {
        let key = try SigningKey.generate()
        let signer = JWTSigner(key: key, type: .jwt)
        let tokens = try await withThrowingTaskGroup { group in
            for worker in 0..<4 {
                group.addTask { try (0..<200).map { try signer.sign([worker, $0]) } }
            }
            return try await group.reduce(into: [String]()) { $0 += $1 }
        }
        #expect(tokens.count == 800)
        #expect(Set(tokens).count == 800)
        try await withThrowingTaskGroup { group in
            for part in 0..<4 {
                group.addTask {
                    for token in tokens[part * 200..<(part + 1) * 200] {
                        _ = try CompactJWS(parsing: token).verified(with: key.publicKey, expecting: .exactly(.jwt))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
