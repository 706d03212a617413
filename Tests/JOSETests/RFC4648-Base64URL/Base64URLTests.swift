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

    /// Groups of four characters, and what is left of them, go different ways.
    @Test func acceptsExactlyTheCanonicalWithAnyByteAtAnyPlace() {
        for count in 1...14 where count % 4 != 1 {
            for place in 0..<count {
                var canonical = 0
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: UInt8(ascii: "A"), count: count)
                    text[place] = byte
                    guard let bytes = Base64URL.decode(text.span) else { continue }
                    canonical += 1
                    #expect(Array(Base64URL.encode(bytes).utf8) == text)
                }
                // The last character of a short group has four or two unused bits.
                let unused = place == count - 1 ? [0, 0, 4, 2][count % 4] : 0
                #expect(canonical == 64 >> unused, "\(count) \(place)")
            }
        }
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
