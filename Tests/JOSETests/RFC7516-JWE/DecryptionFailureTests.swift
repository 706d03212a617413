import JSON
import Testing

@testable import JOSE

/// What an attacker could learn from: RFC 7516 §11.4, §11.5, RFC 8725 §2.4, §2.5.
@Suite("RFC 7516 §11 failures of decryption")
struct DecryptionFailureTests {
    /// Whatever of the key, the vector, the content or the tag is wrong: it looks the same.
    @Test(arguments: CompactJWETests.combinations)
    func allFailuresLookTheSame(_ combination: CompactJWETests.Combination) throws {
        let key = try #require(EncryptionExamples.keys[combination.kind])
        let token = try JWEEncrypter(
            to: key.publicKey, algorithm: combination.algorithm, encryption: combination.encryption, contentType: nil
        ).encrypt("content")
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
            .map { Base64URL.decode(String($0)) ?? [] }
        func decrypt(_ change: (inout [[UInt8]]) -> Void = { _ in }) throws(JOSEError) {
            var parts = parts
            change(&parts)
            _ = try CompactJWE(parsing: parts.map { Base64URL.encode($0) }.joined(separator: "."))
                .decrypted(with: key, allowing: .toPublicKey)
        }
        for part in 1..<5 where !parts[part].isEmpty {
            for place in [0, parts[part].count / 2, parts[part].count - 1] {
                #expect(throws: JOSEError.undecryptable) { try decrypt { $0[part][place] ^= 0x10 } }
            }
        }
        if !parts[1].isEmpty {
            #expect(throws: JOSEError.undecryptable) { try decrypt { $0[1] = SystemRandom().bytes($0[1].count) } }
        }
        #expect(throws: JOSEError.undecryptable) { try decrypt { $0[3] = [] } }
        #expect(throws: JOSEError.undecryptable) { try decrypt { $0[3].append(0) } }
        #expect(throws: Never.self) { try decrypt() }
        #expect(OpenSSLErrors.isEmpty)
    }

    /// The padding is right and the key inside has another length: that must not show either.
    @Test(arguments: [0, 15, 16, 17, 31, 32, 33, 64])
    func aKeyOfAnotherLengthLooksLikeAWrongOne(_ count: Int) throws {
        let key = try #require(EncryptionExamples.keys[.rsa])
        guard case .rsa(let contexts) = EncryptionContexts(key.publicKey) else { return }
        let secret = Secret(SystemRandom().bytes(count))
        let wrapped = try contexts.encrypt(secret, .sha256)
        let contentKey = ContentKey(
            secret: count == 32 ? secret : Secret([UInt8](repeating: 0, count: 32)), encrypted: wrapped)
        let token = try EncryptionExamples.token(
            header: #"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#, contentKey: contentKey, .a256GCM)
        func decrypt() throws(JOSEError) {
            _ = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        }
        if count == 32 {
            #expect(throws: Never.self) { try decrypt() }
        } else {
            #expect(throws: JOSEError.undecryptable) { try decrypt() }
        }
    }

    /// The key that stands in for one that cannot be had is fresh: a constant one would open what it was used for.
    @Test func nobodyKnowsTheSubstitute() throws {
        let key = try #require(EncryptionExamples.keys[.rsa])
        for guess in [[UInt8](repeating: 0, count: 32), [UInt8](repeating: 0xFF, count: 32)] {
            let contentKey = ContentKey(secret: Secret(guess), encrypted: [UInt8](repeating: 0, count: 256))
            let token = try EncryptionExamples.token(
                header: #"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, contentKey: contentKey, .a256GCM)
            #expect(throws: JOSEError.undecryptable) {
                try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
            }
        }
        let good = try EncryptionContexts(key.publicKey).contentKey(to: key.publicKey, .rsaOAEP, .a256GCM)
        let token = try EncryptionExamples.token(
            header: #"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, contentKey: good, .a256GCM)
        #expect(try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey).text == "content")
    }

    @Test func anEncryptedKeyHasTheLengthOfTheModulus() throws {
        let key = try #require(EncryptionExamples.keys[.rsa])
        let good = try EncryptionContexts(key.publicKey).contentKey(to: key.publicKey, .rsaOAEP, .a256GCM)
        func decrypt(_ encrypted: [UInt8]) throws(JOSEError) {
            let token = try EncryptionExamples.token(
                header: #"{"alg":"RSA-OAEP","enc":"A256GCM"}"#,
                contentKey: ContentKey(secret: good.secret, encrypted: encrypted), .a256GCM)
            _ = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        }
        for wrong in [[], [0] + good.encrypted, Array(good.encrypted.dropLast()), good.encrypted + [0]] {
            #expect(throws: JOSEError.malformedToken) { try decrypt(wrong) }
        }
        #expect(throws: Never.self) { try decrypt(good.encrypted) }
    }

    struct Ephemeral: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let members: JSONObject?
        let error: JOSEError

        init(_ description: String, _ members: JSONObject?, _ error: JOSEError = .invalidKey) {
            testDescription = description
            self.members = members
            self.error = error
        }
    }

    private static let x = "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"
    private static let y = "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"
    private static let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    static let ephemeralKeys: [Ephemeral] = [
        Ephemeral("none", nil, .malformedHeader),
        Ephemeral("empty", [:]),
        // One bit of y: a point of some other curve, from which the private key could be learnt piece by piece.
        Ephemeral(
            "off the curve",
            ["kty": "EC", "crv": "P-256", "x": .string(x), "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFppo"]),
        Ephemeral("at zero", ["kty": "EC", "crv": "P-256", "x": .string(zero), "y": .string(zero)]),
        Ephemeral("without y", ["kty": "EC", "crv": "P-256", "x": .string(x)]),
        Ephemeral("x too short", ["kty": "EC", "crv": "P-256", "x": "gI0G", "y": .string(y)]),
        Ephemeral(
            "x and y beyond the field",
            [
                "kty": "EC", "crv": "P-256", "x": "__________________________________________8",
                "y": "__________________________________________8",
            ]),
        Ephemeral("x a number", ["kty": "EC", "crv": "P-256", "x": 1, "y": .string(y)]),
        Ephemeral("another curve's name", ["kty": "EC", "crv": "P-384", "x": .string(x), "y": .string(y)]),
        Ephemeral("without a curve", ["kty": "EC", "x": .string(x), "y": .string(y)]),
        Ephemeral("another type", ["kty": "OKP", "crv": "X25519", "x": .string(x)]),
        Ephemeral("another type's name", ["kty": "OKP", "crv": "P-256", "x": .string(x), "y": .string(y)]),
        Ephemeral("RSA", ["kty": "RSA", "n": "AQAB", "e": "AQAB"]),
        Ephemeral("a secret", ["kty": "oct", "k": .string(x)]),
        Ephemeral(
            "with its private part",
            ["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y), "d": .string(zero)]),
    ]

    @Test(arguments: ephemeralKeys)
    func refusesTheEphemeralKey(_ ephemeral: Ephemeral) throws {
        let bob = try DecryptionKey(privateJWK: KeyAgreementTests.bob)
        for algorithm in [KeyManagementAlgorithm.ecdhES, .ecdhESA128KW, .ecdhESA256KW] {
            func decrypt(_ members: JSONObject?) throws {
                let count = algorithm == .ecdhES ? 0 : 24
                let contentKey = ContentKey(
                    secret: Secret([UInt8](repeating: 0, count: 16)), encrypted: [UInt8](repeating: 0, count: count))
                var header: JSONObject = ["alg": .string(algorithm.rawValue), "enc": "A128GCM"]
                header["epk"] = members.map { .object($0) }
                let token = try EncryptionExamples.token(
                    header: String(decoding: JSONValue.object(header).jsonBytes(), as: UTF8.self),
                    contentKey: contentKey, .a128GCM)
                _ = try CompactJWE(parsing: token).decrypted(with: bob, allowing: .toPublicKey)
            }
            #expect(throws: ephemeral.error) { try decrypt(ephemeral.members) }
            // The neighbour gets as far as the tag.
            #expect(throws: JOSEError.undecryptable) {
                try decrypt(["kty": "EC", "crv": "P-256", "x": .string(Self.x), "y": .string(Self.y)])
            }
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    /// Points of small order, with which everybody agrees on the same secret: RFC 7748 §6.1.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
    ])
    func refusesAPointOfSmallOrder(_ point: String) throws {
        let key = try #require(EncryptionExamples.keys[.x25519])
        func decrypt(_ x: [UInt8]) throws {
            let zero = Secret([UInt8](repeating: 0, count: 32))
            let contentKey = ContentKey(secret: zero.derive(for: .ecdhES, .a128GCM, partyU: [], partyV: []))
            let token = try EncryptionExamples.token(
                header: """
                    {"alg":"ECDH-ES","enc":"A128GCM","epk":{"kty":"OKP","crv":"X25519","x":"\(Base64URL.encode(x))"}}
                    """, contentKey: contentKey, .a128GCM)
            _ = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        }
        #expect(throws: JOSEError.invalidKey) { try decrypt(bytes(hex: point)) }
        #expect(throws: JOSEError.undecryptable) { try decrypt([9] + [UInt8](repeating: 0, count: 31)) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func theErrorQueueOfTheLibraryStaysEmpty() throws {
        for (kind, key) in EncryptionExamples.keys {
            let algorithm: KeyManagementAlgorithm = kind == .rsa ? .rsaOAEP : .ecdhESA128KW
            let token = try JWEEncrypter(
                to: key.publicKey, algorithm: algorithm, encryption: .a128GCM, contentType: nil
            ).encrypt("content")
            _ = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
            #expect(OpenSSLErrors.isEmpty, "\(kind)")
        }
    }
}
