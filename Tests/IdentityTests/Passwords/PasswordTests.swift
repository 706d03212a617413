import Identity
import MartletTesting
import Testing

@Suite("Passwords", .spec("W-01", "W-04", "ASVS 6.2.8", "NIST SP 800-63B §3.1.1.2"))
struct PasswordTests {
    @Test(arguments: ["a", " ", "  spaces  ", "\u{0}", "燕🐦", String(repeating: "p", count: Password.byteLimit)])
    func areTakenAsTheyAre(_ text: String) async throws {
        try await withHasher { hasher, _ in
            let hash = try await hasher.hash(try #require(Password(text)))
            #expect(try await hasher.verify(try #require(Password(text)), against: hash) == .matches(isOutdated: false))
            for other in [text + " ", " " + text, text + "\u{0}", text.dropLast() + "x", text + "a"] {
                guard other != text, let password = Password(String(other)) else { continue }
                #expect(try await hasher.verify(password, against: hash) == .differs)
            }
        }
    }

    @Test(.spec("Okta October 2024", "W-04"))
    func countWholeAlsoBeyondTheLimitsOfOtherHashes() async throws {
        try await withHasher { hasher, _ in
            for length in [55, 56, 63, 64, 71, 72, 73, 127, 128, 255, 256, 1023] {
                let start = String(repeating: "p", count: length)
                let hash = try await hasher.hash(try #require(Password(start + "a")))
                #expect(try await hasher.verify(try #require(Password(start + "b")), against: hash) == .differs)
                #expect(try await hasher.verify(try #require(Password(start)), against: hash) == .differs)
                let right = try await hasher.verify(try #require(Password(start + "a")), against: hash)
                #expect(right == .matches(isOutdated: false))
            }
        }
    }

    @Test func areTheSameOnEveryKeyboardAndInNoOtherWay() async throws {
        try await withHasher { hasher, _ in
            let hash = try await hasher.hash(try #require(Password("Zo\u{EB} und die Schwalbe")))
            let composed = try #require(Password("Zoe\u{308} und die Schwalbe"))
            #expect(try await hasher.verify(composed, against: hash) == .matches(isOutdated: false))
            for other in ["zo\u{EB} und die Schwalbe", "Zoe und die Schwalbe", "ZO\u{CB} UND DIE SCHWALBE"] {
                #expect(try await hasher.verify(try #require(Password(other)), against: hash) == .differs)
            }
        }
    }

    @Test(.spec("THREATS hash-length DoS"))
    func areBoundedBeforeAnyWork() {
        #expect(Password("") == nil)
        #expect(Password(String(repeating: "p", count: Password.byteLimit + 1)) == nil)
        #expect(Password(String(repeating: "p", count: 1_000_000)) == nil)
        #expect(Password(String(repeating: "p", count: Password.byteLimit)) != nil)
    }

    @Test func areCountedByCodePoint() throws {
        #expect(try #require(Password("12345678")).isLongEnough)
        #expect(try #require(Password("燕燕燕燕燕燕燕燕")).isLongEnough)
        #expect(try !#require(Password("1234567")).isLongEnough)
        #expect(try !#require(Password("燕燕燕燕燕燕燕")).isLongEnough)
    }

    @Test(.spec("X-03", "ASVS 16.2.5"))
    func areNeverPrinted() throws {
        let password = try #require(Password("correct horse"))
        var dumped = ""
        dump(password, to: &dumped)
        for text in ["\(password)", String(reflecting: password), dumped] {
            #expect(!text.contains("horse"))
            #expect(!text.contains("99"))  // the first byte
        }
    }
}
