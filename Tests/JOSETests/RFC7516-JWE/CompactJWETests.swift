import JSON
import Testing

@testable import JOSE

@Suite("RFC 7516 compact JWE")
struct CompactJWETests {
    private let everything = JWEExpectation(algorithms: Set(KeyManagementAlgorithm.allCases))

    struct Combination: Sendable, CustomTestStringConvertible {
        let kind: DecryptionKey.Kind
        let algorithm: KeyManagementAlgorithm
        let encryption: ContentEncryption
        var testDescription: String { "\(kind.rawValue) \(algorithm.rawValue) \(encryption.rawValue)" }
    }

    static let combinations = DecryptionKey.Kind.allCases.flatMap { kind in
        (kind == .rsa ? [KeyManagementAlgorithm.rsaOAEP, .rsaOAEP256] : [.ecdhES, .ecdhESA128KW, .ecdhESA256KW])
            .flatMap { algorithm in
                ContentEncryption.allCases.map { Combination(kind: kind, algorithm: algorithm, encryption: $0) }
            }
    }

    @Test(arguments: combinations)
    func decryptsWhatItEncryptsToAPublicKey(_ combination: Combination) throws {
        let key = try #require(EncryptionExamples.keys[combination.kind])
        let encrypter = try JWEEncrypter(
            to: key.publicKey, algorithm: combination.algorithm, encryption: combination.encryption,
            contentType: "text", type: "JOSE")
        for text in ["", "a", String(repeating: "é", count: 3000)] {
            let token = try encrypter.encrypt(text)
            let jwe = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
            #expect(jwe.text == text)
            #expect(jwe.header.algorithm == combination.algorithm && jwe.header.encryption == combination.encryption)
            #expect(jwe.header.contentType == "text" && jwe.header.type == "JOSE")
            #expect(jwe.header.keyID == key.keyID && jwe.keyID == key.keyID)
            #expect(jwe.origin == .anybody)
            #expect(try encrypter.encrypt(text) != token, "the key, or else the vector, must be fresh")
        }
        let other = try #require(EncryptionExamples.keys[combination.kind == .p256 ? .p384 : .p256])
        let token = try encrypter.encrypt("a")
        #expect(throws: JOSEError.unknownKey) {
            try CompactJWE(parsing: token).decrypted(with: other, allowing: .toPublicKey)
        }
    }

    @Test(arguments: ContentEncryption.allCases)
    func decryptsWhatItEncryptsUnderASharedKey(_ encryption: ContentEncryption) throws {
        for key in [
            try EncryptionExamples.shared(.a128KW, count: 16), try EncryptionExamples.shared(.a256KW, count: 32),
            try EncryptionExamples.shared(.direct, count: encryption.keyCount),
        ] {
            let encrypter = try JWEEncrypter(under: key, encryption: encryption, contentType: nil)
            let jwe = try CompactJWE(parsing: encrypter.encrypt("content")).decrypted(under: key)
            #expect(jwe.text == "content")
            #expect(jwe.origin == .holderOfTheSharedKey)
            #expect(jwe.header.keyID == nil && jwe.keyID == nil && jwe.header.contentType == nil)
            let other = try SharedEncryptionKey(
                Secret(SystemRandom().bytes(key.secret.count)), algorithm: key.algorithm)
            let token = try encrypter.encrypt("content")
            #expect(throws: JOSEError.undecryptable) { try CompactJWE(parsing: token).decrypted(under: other) }
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(arguments: [KeyManagementAlgorithm.rsaOAEP256, .ecdhES, .ecdhESA128KW])
    func refusesAnyOtherCharacterInAnyPlace(_ algorithm: KeyManagementAlgorithm) throws {
        let key = try #require(EncryptionExamples.keys[algorithm == .rsaOAEP256 ? .rsa : .p256])
        let token = try JWEEncrypter(
            to: key.publicKey, algorithm: algorithm, encryption: .a128CBCHS256, contentType: nil
        ).encrypt("content")
        let characters = Array(token.utf8)
        func decrypt(_ token: String) throws(JOSEError) {
            _ = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        }
        for place in characters.indices {
            for replacement in [UInt8(ascii: "."), UInt8(ascii: "="), 0, characters[place] ^ 1]
            where replacement != characters[place] {
                var changed = characters
                changed[place] = replacement
                #expect(throws: JOSEError.self) { try decrypt(String(decoding: changed, as: UTF8.self)) }
            }
            #expect(throws: JOSEError.self) { try decrypt(String(token.dropLast(place + 1))) }
            #expect(throws: JOSEError.self) { try decrypt(String(token.dropFirst(place + 1))) }
        }
        #expect(throws: Never.self) { try decrypt(token) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func refusesPartsThatChangedPlaces() throws {
        let key = try EncryptionExamples.shared(.a256KW, count: 32)
        let encrypter = try JWEEncrypter(under: key, encryption: .a256GCM, contentType: nil)
        func parts() throws -> [String] {
            try encrypter.encrypt("content").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        }
        let one = try parts(), other = try parts()
        func decrypt(_ parts: [String]) throws(JOSEError) {
            _ = try CompactJWE(parsing: parts.joined(separator: ".")).decrypted(under: key)
        }
        for place in 1..<5 {
            var mixed = one
            mixed[place] = other[place]
            #expect(throws: JOSEError.undecryptable, "part \(place) of another token") { try decrypt(mixed) }
            for second in 0..<place {
                var swapped = one
                swapped.swapAt(place, second)
                #expect(throws: JOSEError.self, "\(second) and \(place)") { try decrypt(swapped) }
            }
            var without = one
            without[place] = ""
            #expect(throws: JOSEError.self, "no part \(place)") { try decrypt(without) }
        }
        #expect(throws: JOSEError.malformedToken) { try decrypt(one + [""]) }
        #expect(throws: JOSEError.malformedToken) { try decrypt(Array(one.dropLast())) }
        #expect(throws: JOSEError.malformedToken) { try decrypt([one[0], one[3], one[4]]) }
        #expect(throws: Never.self) { try decrypt(one) }
        #expect(throws: Never.self) { try decrypt(other) }
    }

    /// Lengths come from the algorithm: a tag that the sender shortens would be guessed.
    @Test(arguments: ContentEncryption.allCases)
    func refusesPartsOfOtherLengths(_ encryption: ContentEncryption) throws {
        let key = try EncryptionExamples.shared(.a128KW, count: 16)
        let token = try JWEEncrypter(under: key, encryption: encryption, contentType: nil).encrypt("content")
        let parts = token.split(separator: ".").map { Base64URL.decode(String($0)) ?? [] }
        func decrypt(_ place: Int, _ bytes: [UInt8]) throws(JOSEError) {
            var changed = parts
            changed[place] = bytes
            let token = changed.map { Base64URL.encode($0) }.joined(separator: ".")
            _ = try CompactJWE(parsing: token).decrypted(under: key)
        }
        for place in [1, 2, 4] {
            let part = parts[place]
            for wrong in [[], Array(part.dropLast()), Array(part.prefix(part.count / 2)), part + [0], part + part] {
                #expect(throws: JOSEError.malformedToken, "part \(place), \(wrong.count)") { try decrypt(place, wrong) }
            }
            #expect(throws: Never.self) { try decrypt(place, part) }
        }
    }

    @Test func refusesALongTokenAndALongHeader() throws {
        let key = try EncryptionExamples.shared(.direct, count: 16)
        let encrypter = try JWEEncrypter(under: key, encryption: .a128GCM, contentType: nil)
        let small = try encrypter.encrypt([UInt8](repeating: 32, count: 24_000).span)
        let large = try encrypter.encrypt([UInt8](repeating: 32, count: 25_000).span)
        #expect(throws: Never.self) { try CompactJWE(parsing: small).decrypted(under: key) }
        #expect(throws: JOSEError.oversize) { try CompactJWE(parsing: large) }
        #expect(throws: Never.self) { try CompactJWE(parsing: large, limit: 40_000).decrypted(under: key) }
        func header(_ count: Int) throws -> String {
            try EncryptionExamples.token(
                header: #"{"alg":"dir","enc":"A128GCM","x":"\#(String(repeating: "a", count: count))"}"#, key: key,
                .a128GCM)
        }
        let long = try header(9000), short = try header(8000)
        #expect(throws: JOSEError.oversize) { try CompactJWE(parsing: long) }
        #expect(throws: Never.self) { try CompactJWE(parsing: short).decrypted(under: key) }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let header: String
        let error: JOSEError

        init(_ description: String, _ header: String, _ error: JOSEError) {
            testDescription = description
            self.header = header
            self.error = error
        }
    }

    static let refusals = [
        Refusal("no alg", #"{"enc":"A128GCM"}"#, .malformedHeader),
        Refusal("no enc", #"{"alg":"dir"}"#, .malformedHeader),
        Refusal("alg twice", #"{"alg":"dir","alg":"dir","enc":"A128GCM"}"#, .malformedHeader),
        Refusal("enc twice, once escaped", #"{"alg":"dir","enc":"A128GCM","\u0065nc":"A128GCM"}"#, .malformedHeader),
        Refusal("no object", #"["dir","A128GCM"]"#, .malformedHeader),
        Refusal("more than an object", #"{"alg":"dir","enc":"A128GCM"} {}"#, .malformedHeader),
        Refusal("too deep", #"{"alg":"dir","enc":"A128GCM","x":[[[[[[[[[]]]]]]]]]}"#, .malformedHeader),
        Refusal("alg of another kind", #"{"alg":1,"enc":"A128GCM"}"#, .malformedHeader),
        Refusal("kid of another kind", #"{"alg":"dir","enc":"A128GCM","kid":1}"#, .malformedHeader),
        Refusal("typ of another kind", #"{"alg":"dir","enc":"A128GCM","typ":null}"#, .malformedHeader),
        Refusal("cty of another kind", #"{"alg":"dir","enc":"A128GCM","cty":["JWT"]}"#, .malformedHeader),
        Refusal("apu of another kind", #"{"alg":"dir","enc":"A128GCM","apu":1}"#, .malformedHeader),
        Refusal("apv no base64url", #"{"alg":"dir","enc":"A128GCM","apv":"+"}"#, .malformedHeader),
        Refusal(
            "apu too long", #"{"alg":"dir","enc":"A128GCM","apu":"\#(String(repeating: "AAAA", count: 171))"}"#,
            .malformedHeader),
        Refusal("epk of another kind", #"{"alg":"dir","enc":"A128GCM","epk":"a"}"#, .malformedHeader),
        Refusal("crit", #"{"alg":"dir","enc":"A128GCM","crit":["exp"],"exp":1}"#, .criticalExtension),
        Refusal("empty crit", #"{"alg":"dir","enc":"A128GCM","crit":[]}"#, .criticalExtension),
        Refusal("zip", #"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#, .compressed),
        Refusal("zip null", #"{"alg":"dir","enc":"A128GCM","zip":null}"#, .compressed),
        Refusal("RSA1_5", #"{"alg":"RSA1_5","enc":"A128GCM"}"#, .wrongAlgorithm),
        Refusal(
            "a bomb of PBES2", #"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAAAAAAAAA","p2c":2147483647}"#,
            .wrongAlgorithm),
        Refusal("A192KW", #"{"alg":"A192KW","enc":"A128GCM"}"#, .wrongAlgorithm),
        Refusal("A128GCMKW", #"{"alg":"A128GCMKW","enc":"A128GCM"}"#, .wrongAlgorithm),
        Refusal("a signature", #"{"alg":"ES256","enc":"A128GCM"}"#, .wrongAlgorithm),
        Refusal("none", #"{"alg":"none","enc":"A128GCM"}"#, .wrongAlgorithm),
        Refusal("alg in another case", #"{"alg":"DIR","enc":"A128GCM"}"#, .wrongAlgorithm),
        Refusal("enc unknown", #"{"alg":"dir","enc":"A128CTR"}"#, .wrongAlgorithm),
        Refusal("enc A192GCM", #"{"alg":"dir","enc":"A192GCM"}"#, .wrongAlgorithm),
        Refusal("enc none", #"{"alg":"dir","enc":""}"#, .wrongAlgorithm),
    ]

    @Test(arguments: refusals)
    func refusesTheHeader(_ refusal: Refusal) throws {
        let key = try EncryptionExamples.shared(.direct, count: 16)
        func decrypt(_ header: String) throws -> DecryptedJWE {
            try CompactJWE(parsing: EncryptionExamples.token(header: header, key: key, .a128GCM)).decrypted(under: key)
        }
        #expect(throws: refusal.error) { try decrypt(refusal.header) }
        let good =
            #"{"alg":"dir","enc":"A128GCM","apu":"QQ","apv":"","epk":{},"typ":"JOSE","cty":"text","p2c":9,"jku":1}"#
        #expect(try decrypt(good).text == "content")
    }

    @Test func theRecipientDecidesTheAlgorithms() throws {
        let rsa = try #require(EncryptionExamples.keys[.rsa]), curve = try #require(EncryptionExamples.keys[.p256])
        let token = try JWEEncrypter(
            to: rsa.publicKey, algorithm: .rsaOAEP, encryption: .a128GCM, contentType: nil
        ).encrypt("content")
        func decrypt(
            _ algorithms: Set<KeyManagementAlgorithm>,
            _ encryptions: Set<ContentEncryption> = Set(ContentEncryption.allCases)
        ) throws(JOSEError) {
            let rules = JWEExpectation(algorithms: algorithms, encryptions: encryptions)
            _ = try CompactJWE(parsing: token).decrypted(with: rsa, allowing: rules)
        }
        #expect(throws: JOSEError.wrongAlgorithm) { try decrypt([.rsaOAEP256]) }
        #expect(throws: JOSEError.wrongAlgorithm) { try decrypt([]) }
        #expect(throws: JOSEError.wrongAlgorithm) { try decrypt([.rsaOAEP], [.a256GCM, .a128CBCHS256]) }
        #expect(throws: Never.self) { try decrypt([.rsaOAEP256, .rsaOAEP], [.a128GCM]) }

        // The key's family, also for whoever encrypts.
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWEEncrypter(to: curve.publicKey, algorithm: .rsaOAEP, encryption: .a128GCM, contentType: nil)
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWEEncrypter(to: rsa.publicKey, algorithm: .ecdhES, encryption: .a128GCM, contentType: nil)
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWEEncrypter(to: curve.publicKey, algorithm: .a128KW, encryption: .a128GCM, contentType: nil)
        }
        #expect(throws: Never.self) {
            try JWEEncrypter(to: curve.publicKey, algorithm: .ecdhES, encryption: .a128GCM, contentType: nil)
        }
    }

    @Test func aRestrictedKeyKeepsToItsAlgorithm() throws {
        let key = try DecryptionKey.generate(.p256, algorithm: "ECDH-ES+A128KW")
        #expect(key.publicKey.algorithms == [.ecdhESA128KW])
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWEEncrypter(to: key.publicKey, algorithm: .ecdhES, encryption: .a128GCM, contentType: nil)
        }
        let unrestricted = try EncryptionKey(key.publicKey.material, keyID: key.keyID)
        func decrypt(_ algorithm: KeyManagementAlgorithm) throws {
            let encrypter = try JWEEncrypter(
                to: unrestricted, algorithm: algorithm, encryption: .a128GCM, contentType: nil)
            _ = try CompactJWE(parsing: encrypter.encrypt("a")).decrypted(with: key, allowing: .toPublicKey)
        }
        #expect(throws: JOSEError.wrongAlgorithm) { try decrypt(.ecdhES) }
        #expect(throws: JOSEError.wrongAlgorithm) { try decrypt(.ecdhESA256KW) }
        #expect(throws: Never.self) { try decrypt(.ecdhESA128KW) }
    }

    /// The public key is no secret: what is encrypted under its bytes is not believed to come from a holder.
    @Test func aPublicKeyIsNoSharedKey() throws {
        let key = try #require(EncryptionExamples.keys[.p256])
        guard case .ec(_, let x, _) = key.publicKey.material.shape else { return }
        let forged = try SharedEncryptionKey(Secret(x), algorithm: .direct, keyID: key.keyID)
        let token = try JWEEncrypter(under: forged, encryption: .a256GCM, contentType: nil).encrypt("content")
        #expect(throws: JOSEError.wrongAlgorithm) {
            try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try CompactJWE(parsing: token).decrypted(with: key, allowing: everything)
        }
        #expect(try CompactJWE(parsing: token).decrypted(under: forged).origin == .holderOfTheSharedKey)
        let toPublicKey = try JWEEncrypter(
            to: key.publicKey, algorithm: .ecdhES, encryption: .a256GCM, contentType: nil
        ).encrypt("content")
        #expect(throws: JOSEError.wrongAlgorithm) {
            try CompactJWE(parsing: toPublicKey).decrypted(under: forged, allowing: everything)
        }
        #expect(try CompactJWE(parsing: toPublicKey).decrypted(with: key, allowing: .toPublicKey).origin == .anybody)
    }

    @Test func sharedKeysHaveTheLengthOfTheirUse() throws {
        for (algorithm, counts) in [
            (KeyManagementAlgorithm.a128KW, [16]), (.a256KW, [32]), (.direct, [16, 32, 64]), (.ecdhES, []),
            (.rsaOAEP, []),
        ] {
            for count in [0, 1, 15, 16, 24, 31, 32, 33, 48, 63, 64, 128] {
                let key = try? SharedEncryptionKey(Secret(SystemRandom().bytes(count)), algorithm: algorithm)
                #expect((key != nil) == counts.contains(count), "\(algorithm) \(count)")
            }
        }
        let key = try EncryptionExamples.shared(.direct, count: 16)
        #expect(throws: JOSEError.wrongAlgorithm) {
            try JWEEncrypter(under: key, encryption: .a256GCM, contentType: nil)
        }
        #expect(throws: Never.self) { try JWEEncrypter(under: key, encryption: .a128GCM, contentType: nil) }
        let secret = "\(try SharedEncryptionKey(Secret("0123456789abcdef"), algorithm: .direct, keyID: "k"))"
        #expect(secret == "SharedEncryptionKey(dir, k)")
    }

    @Test func asksForTheKeyOfTheToken() throws {
        let rsa = try #require(EncryptionExamples.keys[.rsa]), one = try #require(EncryptionExamples.keys[.p256])
        let other = try DecryptionKey.generate(.p256)
        let token = try JWEEncrypter(
            to: other.publicKey, algorithm: .ecdhES, encryption: .a128GCM, contentType: nil
        ).encrypt("content")
        func decrypt(_ token: String, _ keys: [DecryptionKey]) throws(JOSEError) {
            _ = try CompactJWE(parsing: token).decrypted(with: keys, allowing: .toPublicKey)
        }
        #expect(throws: JOSEError.unknownKey) { try decrypt(token, [rsa, one]) }
        #expect(throws: Never.self) { try decrypt(token, [rsa, one, other]) }

        // Without a name, the only key for the algorithm; which of two is not tried out.
        let contexts = EncryptionContexts(other.publicKey)
        let contentKey = try contexts.contentKey(to: other.publicKey, .ecdhES, .a128GCM)
        let epk = String(decoding: try #require(contentKey.ephemeralKey).jsonBytes(), as: UTF8.self)
        let nameless = try EncryptionExamples.token(
            header: #"{"alg":"ECDH-ES","enc":"A128GCM","epk":\#(epk)}"#, contentKey: contentKey, .a128GCM)
        #expect(throws: JOSEError.unknownKey) { try decrypt(nameless, [rsa, one, other]) }
        #expect(throws: Never.self) { try decrypt(nameless, [rsa, other]) }
        #expect(throws: Never.self) {
            try CompactJWE(parsing: nameless).decrypted(with: other, allowing: .toPublicKey)
        }
    }
}
