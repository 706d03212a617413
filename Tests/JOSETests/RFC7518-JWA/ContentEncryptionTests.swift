import JSON
import Testing

@testable import JOSE

@Suite("RFC 7518 §5 content encryption")
struct ContentEncryptionTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let encryption: ContentEncryption
        let ciphertext: String
        let tag: String
        var testDescription: String { encryption.rawValue }
    }

    /// Appendices B.1 and B.3.
    static let examples = [
        Example(
            encryption: .a128CBCHS256,
            ciphertext: """
                c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2
                fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b
                384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db
                """,
            tag: "652c3fa36b0a7c5b3219fab3a30bc1c4"),
        Example(
            encryption: .a256CBCHS512,
            ciphertext: """
                4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2
                e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3
                a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6
                """,
            tag: "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"),
    ]

    @Test(arguments: examples)
    func givesTheExamplesOfAppendixB(_ example: Example) throws {
        let encryption = example.encryption
        let key = Secret((0..<UInt8(encryption.keyCount)).map { $0 })
        let plaintext = Array(
            "A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience"
                .utf8)
        let vector = bytes(hex: "1af38c2dc2b96ffdd86694092341bc04")
        let aad = Array("The second principle of Auguste Kerckhoffs".utf8)
        let sealed = try encryption.encrypt(plaintext.span, under: key, vector: vector, authenticating: aad)
        #expect(sealed.ciphertext == bytes(hex: example.ciphertext))
        #expect(sealed.tag == bytes(hex: example.tag))
        #expect(try encryption.open(sealed, under: key, vector: vector, aad: aad) == Secret(plaintext))
    }

    @Test(arguments: ContentEncryption.allCases)
    func givesBackContentOfAnyLength(_ encryption: ContentEncryption) throws {
        let key = Secret(SystemRandom().bytes(encryption.keyCount))
        for count in Array(0...66) + [4095, 4096, 20_000] {
            let plaintext = SystemRandom().bytes(count), vector = SystemRandom().bytes(encryption.vectorCount)
            let sealed = try encryption.encrypt(plaintext.span, under: key, vector: vector, authenticating: [1, 2])
            #expect(sealed.tag.count == encryption.tagCount)
            #expect(try encryption.open(sealed, under: key, vector: vector, aad: [1, 2]) == Secret(plaintext))
        }
    }

    @Test(arguments: ContentEncryption.allCases)
    func refusesAnyChange(_ encryption: ContentEncryption) throws {
        let secret = SystemRandom().bytes(encryption.keyCount), vector = SystemRandom().bytes(encryption.vectorCount)
        let key = Secret(secret), aad: [UInt8] = [1, 2, 3]
        let sealed = try encryption.encrypt([7, 8, 9].span, under: key, vector: vector, authenticating: aad)
        func open(
            _ ciphertext: [UInt8], _ tag: [UInt8], _ secret: [UInt8], _ vector: [UInt8], _ aad: [UInt8]
        ) throws -> Secret? {
            try encryption.open((ciphertext, tag), under: Secret(secret), vector: vector, aad: aad)
        }
        func opens(
            _ ciphertext: [UInt8], _ tag: [UInt8], _ secret: [UInt8], _ vector: [UInt8], _ aad: [UInt8]
        ) throws -> Bool {
            try open(ciphertext, tag, secret, vector, aad) != nil
        }
        /// Every bit changed, one byte less, one more, none.
        func changes(_ bytes: [UInt8]) -> [[UInt8]] {
            let flipped = bytes.indices.flatMap { place in
                (0..<8).map { bit in
                    var changed = bytes
                    changed[place] ^= 1 << bit
                    return changed
                }
            }
            return flipped + [Array(bytes.dropLast()), Array(bytes.dropFirst()), bytes + [0], [0] + bytes, []]
        }
        for changed in changes(sealed.ciphertext) { #expect(try !opens(changed, sealed.tag, secret, vector, aad)) }
        for changed in changes(sealed.tag) { #expect(try !opens(sealed.ciphertext, changed, secret, vector, aad)) }
        for changed in changes(vector) { #expect(try !opens(sealed.ciphertext, sealed.tag, secret, changed, aad)) }
        for changed in changes(aad) { #expect(try !opens(sealed.ciphertext, sealed.tag, secret, vector, changed)) }
        // The half of a key that does not authenticate goes by the padding alone: something else may come out.
        let plaintext = Secret([7, 8, 9])
        for changed in changes(secret) {
            #expect(try open(sealed.ciphertext, sealed.tag, changed, vector, aad) != plaintext)
        }
        #expect(try opens(sealed.ciphertext, sealed.tag, secret, vector, aad))
        #expect(OpenSSLErrors.isEmpty)
    }

    /// Whoever has the key may write wrong padding; nothing but a refusal comes of it.
    @Test(arguments: [ContentEncryption.a128CBCHS256, .a256CBCHS512])
    func refusesGenuineContentWithWrongPadding(_ encryption: ContentEncryption) throws {
        let key = Secret(SystemRandom().bytes(encryption.keyCount)), vector = SystemRandom().bytes(16)
        for (last, isGood) in [(UInt8(1), true), (0, false), (17, false), (255, false)] {
            let block = [UInt8](repeating: 65, count: 15) + [last]
            let whole = try encryption.encrypt(block.span, under: key, vector: vector, authenticating: [])
            let ciphertext = Array(whole.ciphertext.prefix(16))  // without the block of padding
            let tag = AESCBCHMAC.Halves(of: key).tag(of: ciphertext.span, vector: vector, aad: [])
            let opened = try encryption.open((ciphertext, tag), under: key, vector: vector, aad: [])
            #expect(opened == (isGood ? Secret([UInt8](repeating: 65, count: 15)) : nil), "\(last)")
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence), arguments: [128, 256])
    func agreesWithWycheproof(_ bits: Int) throws {
        let encryption: ContentEncryption = bits == 128 ? .a128GCM : .a256GCM
        let tests = try Vectors.wycheproof("aes_gcm_test")
            .filter { $0.group["keySize"] == .integer(Int64(bits)) && $0.group["ivSize"] == 96 }
        #expect(tests.count == (bits == 128 ? 67 : 66))
        for (_, test) in tests {
            let key = Secret(try test.hex("key")), vector = try test.hex("iv"), aad = try test.hex("aad")
            let message = try test.hex("msg"), sealed = (ciphertext: try test.hex("ct"), tag: try test.hex("tag"))
            let opened = try encryption.open(sealed, under: key, vector: vector, aad: aad)
            #expect(opened == (test.isValid ? Secret(message) : nil), "\(test.number)")
            let encrypted = try encryption.encrypt(message.span, under: key, vector: vector, authenticating: aad)
            #expect((encrypted == sealed) == test.isValid, "\(test.number)")
        }
    }
}

extension ContentEncryption {
    /// Spans cannot pass through the macros of the tests.
    fileprivate func open(
        _ sealed: (ciphertext: [UInt8], tag: [UInt8]), under key: Secret, vector: [UInt8], aad: [UInt8]
    ) throws -> Secret? {
        try decrypt(
            sealed.ciphertext.span, tag: sealed.tag.span, under: key, vector: vector, authenticating: aad)
    }
}
