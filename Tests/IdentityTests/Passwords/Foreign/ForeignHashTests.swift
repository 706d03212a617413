import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Password hashes of other programs", .spec("RFC 8018 §5.2", "RFC 7914", "RFC 9106"))
struct ForeignHashTests {
    /// Computed by other programs: libxcrypt, OpenSSL through Python.
    static let knownAnswers = [
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ("correct horse", "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        ("zoë's café", "$2b$04$abcdefghijklmnopqrstuunLwtk7d7NgLPQ.NznsDTntgkxmBEFgi"),
        ("correct horse", "$pbkdf2-sha1$i=1000,l=20$c2l4dGVlbiBieXRlIHNsdA$+io2z1L80zxtuqWlbFc6d5TRoNU"),
        (
            "correct horse",
            "$pbkdf2-sha256$i=1000,l=32$c2l4dGVlbiBieXRlIHNsdA$c5QUhhzJnj7wFB9c2d0a39fA2UDUysXCg74o4Wch4QE"
        ),
        (
            "correct horse",
            "$pbkdf2-sha256$i=1000,l=64$c2l4dGVlbiBieXRlIHNsdA$c5QUhhzJnj7wFB9c2d0a39fA2UDUysXCg74o4Wch4QExT//CQ/T1MIhmIa5oQWPPYnQI/t/CaYu7h476Y5Qf4w"
        ),
        (
            "correct horse",
            "$pbkdf2-sha384$i=1000,l=48$c2l4dGVlbiBieXRlIHNsdA$TNIh7TSGg29xDsjVkDHB8warSEQxGCYWAK05OJoSF0b22khg00WKGGQhKUXCjUdT"
        ),
        (
            "correct horse",
            "$pbkdf2-sha512$i=1000,l=64$c2l4dGVlbiBieXRlIHNsdA$61x5/3Dh2/E6ly5wkGBJboNe8LSsWv117tu/Wl7fQjGS1VnUjc4ZL7v8eV26NXe/iRVtVS2tcHJz6HQUuXUymQ"
        ),
        ("correct horse", "$scrypt$ln=10,r=8,p=1$c2l4dGVlbiBieXRlIHNsdA$pm8pKHMuzBMnzWjY+J2K8bOo4zfV05STJL8ONhhN0II"),
        (
            "correct horse",
            "$argon2id$v=19$m=64,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$Vmu8bysmWNmwnl/cFrbFrjnljLOBOaUTfK8xThUR4Z8"
        ),
        (
            "correct horse",
            "$argon2i$v=19$m=64,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$y5IVNmwS9riyO6u0KP34TGDlVQ+DIqB1l4jEBDpyFJg"
        ),
        (
            "correct horse",
            "$argon2d$v=19$m=64,t=2,p=1$c2l4dGVlbiBieXRlIHNsdA$RWzrCsGvbA85+M02VGvui3nK+j3MRWt65/gvclhj2W4"
        ),
    ]

    @Test(arguments: knownAnswers)
    func areMatchedByTheirPasswordAlone(_ password: String, _ text: String) throws {
        let hash = try ForeignHash(text)
        #expect(try hash.matches(Array(password.utf8)))
        #expect(try !hash.matches(Array((password + "x").utf8)))
        #expect(try !hash.matches([]))
        #expect(hash.encoded == text)
        #expect(try ForeignHash(hash.encoded) == hash)
    }

    /// RFC 6070 §2: the published answers for PBKDF2 with HMAC-SHA-1.
    @Test(
        .spec("RFC 6070 §2"),
        arguments: [
            ("password", "salt", UInt32(1), "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            ("password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            ("password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        ])
    func pbkdf2GivesThePublishedAnswers(_ vector: (String, String, UInt32, String)) throws {
        let (password, salt, iterations, answer) = vector
        let key = try KeyDerivation.pbkdf2(
            Array(password.utf8), salt: Array(salt.utf8), iterations: iterations, digest: .sha1, count: 20)
        #expect(hexadecimal(key) == answer)
    }

    /// RFC 7914 §12: the published answers for scrypt.
    @Test(
        .spec("RFC 7914 §12"),
        arguments: [
            (
                "", "", UInt64(16), UInt32(1), UInt32(1),
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", 1024, 8, 16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
        ])
    func scryptGivesThePublishedAnswers(_ vector: (String, String, UInt64, UInt32, UInt32, String)) throws {
        let (password, salt, cost, blockSize, parallelization, answer) = vector
        let key = try KeyDerivation.scrypt(
            Array(password.utf8), salt: Array(salt.utf8), cost: cost, blockSize: blockSize,
            parallelization: parallelization, count: 64)
        #expect(hexadecimal(key) == answer)
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    struct Odd: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let refusal: ForeignHash.Refusal

        init(_ description: String, _ text: String, _ refusal: ForeignHash.Refusal) {
            (testDescription, self.text, self.refusal) = (description, text, refusal)
        }
    }

    static let salt = "c2l4dGVlbiBieXRlIHNsdA"
    static let tag = "c5QUhhzJnj7wFB9c2d0a39fA2UDUysXCg74o4Wch4QE"
    static let bcryptTail = "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

    @Test(arguments: [
        Odd("nothing", "", .unknownKind),
        Odd("a digest", "5f4dcc3b5aa765d61d8327deb882cf99", .unknownKind),
        Odd("MD5 of crypt(5)", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", .unknownKind),
        Odd("the broken bcrypt", "$2x$04$" + bcryptTail, .unknownKind),
        Odd("bcrypt, a character short", "$2b$04$" + bcryptTail.dropLast(), .malformed),
        Odd("bcrypt, another alphabet", "$2b$04$" + bcryptTail.dropLast() + "-", .malformed),
        Odd("bcrypt, too cheap to be one", "$2b$03$" + bcryptTail, .malformed),
        Odd("bcrypt, a second too dear", "$2b$15$" + bcryptTail, .tooCostly),
        Odd("bcrypt, years", "$2b$31$" + bcryptTail, .tooCostly),
        Odd("PBKDF2 without iterations", "$pbkdf2-sha256$l=32$\(salt)$\(tag)", .malformed),
        Odd("PBKDF2 of no iteration", "$pbkdf2-sha256$i=0$\(salt)$\(tag)", .malformed),
        Odd("PBKDF2, another length", "$pbkdf2-sha256$i=1000,l=31$\(salt)$\(tag)", .malformed),
        Odd("PBKDF2, something more", "$pbkdf2-sha256$i=1000,x=1$\(salt)$\(tag)", .malformed),
        Odd("PBKDF2, iterations twice", "$pbkdf2-sha256$i=1000,i=1$\(salt)$\(tag)", .malformed),
        Odd("PBKDF2 for hours", "$pbkdf2-sha256$i=4000000000$\(salt)$\(tag)", .tooCostly),
        Odd("PBKDF2, a number of no type", "$pbkdf2-sha256$i=99999999999999999999$\(salt)$\(tag)", .tooCostly),
        Odd("PBKDF2 with a tag that chance meets", "$pbkdf2-sha256$i=1000$\(salt)$YWJjZA", .unfitLength),
        Odd("PBKDF2 without salt", "$pbkdf2-sha256$i=1000$$\(tag)", .unfitLength),
        Odd("PBKDF2 of MD5", "$pbkdf2-md5$i=1000$\(salt)$\(tag)", .unknownKind),
        Odd("scrypt, half a parameter", "$scrypt$ln=10,r=8$\(salt)$\(tag)", .malformed),
        Odd("scrypt of a gigabyte", "$scrypt$ln=20,r=8,p=1$\(salt)$\(tag)", .tooCostly),
        Odd("scrypt, no number of lanes that fits", "$scrypt$ln=17,r=8,p=1024$\(salt)$\(tag)", .tooCostly),
        Odd("scrypt, shifted out", "$scrypt$ln=64,r=8,p=1$\(salt)$\(tag)", .tooCostly),
        Odd("Argon2 of four gigabytes", "$argon2id$v=19$m=4194304,t=1,p=1$\(salt)$\(tag)", .tooCostly),
        Odd("Argon2 for minutes", "$argon2i$v=19$m=65536,t=4000,p=1$\(salt)$\(tag)", .tooCostly),
        Odd("Argon2 on a thousand threads", "$argon2i$v=19$m=65536,t=1,p=1000$\(salt)$\(tag)", .tooCostly),
        Odd("Argon2 of another version", "$argon2id$v=20$m=64,t=2,p=1$\(salt)$\(tag)", .malformed),
        Odd("Argon2 on less memory than lanes", "$argon2id$v=19$m=8,t=2,p=2$\(salt)$\(tag)", .malformed),
        Odd("padding of another kind", "$pbkdf2-sha256$i=1000$\(salt)*$\(tag)", .malformed),
        Odd("longer than any", "$pbkdf2-sha256$i=1000$\(String(repeating: "a", count: 2000))$\(tag)", .unfitLength),
    ])
    func areRefusedWhereTheyCannotBeCompared(_ odd: Odd) throws {
        #expect(throws: odd.refusal) { try ForeignHash(odd.text) }
        _ = try ForeignHash("$pbkdf2-sha256$i=1000,l=32$\(Self.salt)$\(Self.tag)")
    }

    @Test func areReadInTheSpellingsOfOtherPrograms() throws {
        let usual = try ForeignHash("$pbkdf2-sha256$i=1000,l=32$\(Self.salt)$\(Self.tag)")
        #expect(try ForeignHash("$pbkdf2-sha256$1000$\(Self.salt)$\(Self.tag)") == usual)
        #expect(try ForeignHash("$pbkdf2-sha256$i=1000$\(Self.salt)==$\(Self.tag)=") == usual)
        let slashes = try ForeignHash("$pbkdf2$1000$\(Self.salt)$.io2z1L80zxtuqWlbFc6d5TRoNU")
        #expect(slashes.encoded.hasSuffix("$+io2z1L80zxtuqWlbFc6d5TRoNU"))
    }

    @Test func aZeroByteInAPasswordHidesNothingBehindIt() throws {
        let hash = try ForeignHash("$2y$04$" + Self.bcryptTail)
        #expect(try !hash.matches(Array("correct horse\u{0}anything".utf8)))
        #expect(try hash.matches(Array("correct horse".utf8)))
    }
}

@Suite("Signing in with a password that another program hashed", .spec("ASVS 6.3.8", "ASVS 11.4.2"))
struct ForeignSignInTests {
    private func zoe(_ hash: String?) -> User {
        var user = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
        user.passwordHash = hash
        return user
    }

    @Test(arguments: ForeignHashTests.knownAnswers)
    func replacesItByOurs(_ password: String, _ hash: String) async throws {
        try await withHasher { (hasher, _) async throws in
            let users = Storage.inMemory().users
            #expect(try await users.insert(zoe(hash)))
            let signIn = PasswordSignIn(users, hasher: hasher)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: password + "x") == nil)
            #expect(try await users.find(Email("zoe@example.org")!)?.passwordHash == hash)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: password) != nil)
            let new = try await users.find(Email("zoe@example.org")!)?.passwordHash
            #expect(new?.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$") == true)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: password) != nil)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: password + "x") == nil)
        }
    }

    @Test func takesAPasswordAsItWasTypedAndInItsFixedForm() async throws {
        try await withHasher { (hasher, _) async throws in
            // As a keyboard that types accents apart has it, and hashed so.
            let apart = "zoe\u{308}'s cafe\u{301}"
            let key = try KeyDerivation.pbkdf2(
                Array(apart.utf8), salt: [1, 2, 3], iterations: 10, digest: .sha256, count: 32)
            let hash = ForeignHash.pbkdf2(
                try PBKDF2Hash(.sha256, iterations: 10, salt: [1, 2, 3], tag: key))
            let typed = try #require(Password(apart))
            #expect(try await hasher.verify(typed, against: hash.encoded) == .matches(isOutdated: true))
            let composed = "$2b$04$abcdefghijklmnopqrstuunLwtk7d7NgLPQ.NznsDTntgkxmBEFgi"
            #expect(try await hasher.verify(typed, against: composed) == .matches(isOutdated: true))
        }
    }

    @Test func anAddressThatNobodyHasTakesTheWorkOfTheNextOne() async throws {
        try await withHasher { (hasher, _) async throws in
            let password = try #require(Password("correct horse"))
            // The model's own password opens nothing.
            let model = ForeignHashTests.knownAnswers[3].1
            #expect(try await hasher.verify(password, against: nil, like: model) == .differs)
            #expect(try await hasher.verify(password, against: model, like: nil) == .matches(isOutdated: true))
            // A damaged one is not the matter of whoever asks.
            #expect(try await hasher.verify(password, against: nil, like: "$2b$99$x") == .differs)
            await #expect(throws: ForeignHash.Refusal.malformed) {
                try await hasher.verify(password, against: "$2b$99$x")
            }
        }
    }
}
