import JOSE
import Testing

@Suite("RFC 4648 base64url")
struct Base64URLTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func agreesWithTheExamplesOfSection10(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test func usesTheAlphabetForURLs() {
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64URL.decode("--__") == [0xFB, 0xEF, 0xFF])
        #expect(Base64URL.decode("++//") == nil)
    }

    @Test func readsBackEveryLengthAndByte() {
        for count in 0..<200 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    /// Each with the neighbour that is canonical.
    @Test(arguments: [
        ("Zg==", "Zg"), ("Zm8=", "Zm8"), ("Zh", "Zg"), ("Zm9", "Zm8"), ("Zm9vY", "Zm9vYg"), ("Z", "Zg"),
        ("Zm 9v", "Zm9v"),
        ("Zm9v\n", "Zm9v"), ("Zm9é", "Zm9v"), ("Zm.v", "Zm9v"), ("====", ""),
    ])
    func refusesEverySpellingButOne(wrong: String, right: String) {
        #expect(Base64URL.decode(wrong) == nil)
        #expect(Base64URL.decode(right) != nil)
    }

    @Test func acceptsExactlyTheCanonicalAmongAllShortTexts() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let text = [first, second]
                if let bytes = Base64URL.decode(text.span) { #expect(Array(Base64URL.encode(bytes).utf8) == text) }
            }
        }
    }
}
