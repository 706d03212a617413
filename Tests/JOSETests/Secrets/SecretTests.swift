import JOSE
import JSON
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test func printNothing() throws {
        let text = "correct horse battery staple"
        let masterKey = try #require(MasterKey(Secret((0..<32).map { UInt8($0) })))
        let signingKey = try SigningKey.generate()
        let values: [any Sendable] = [
            Secret(text), HMACSHA256(key: Secret(text)), masterKey, signingKey, [Secret(text)],
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            let prints = "\(value)" + String(reflecting: value) + dumped
            #expect(!prints.contains("horse"))
            #expect(!prints.contains("1, 2, 3"))
            // A key in base64url can have "0x" in it, not the digits of an address behind it.
            #expect(!prints.contains(/0x[0-9a-f]{8}/), "no address to start from: \(prints)")
        }
        #expect("\(Secret(text))" == "redacted")
    }

    @Test func haveNoJSONForm() throws {
        #expect(!((Secret("a") as Any) is any JSONEncodable))
        #expect(!((try SigningKey.generate() as Any) is any JSONEncodable))
        #expect((try SigningKey.generate().publicKey as Any) is any JSONEncodable)
    }

    @Test func compareByContent() {
        #expect(Secret("abc") == Secret("abc"))
        #expect(Secret("abc") != Secret("abd"))
        #expect(Secret("abc") != Secret("ab"))
        #expect(Secret("") == Secret([]))
        #expect(constantTimeEquals("é", "é"))
        #expect(!constantTimeEquals("\u{E9}", "e\u{301}"))
        #expect(constantTimeEquals([1, 2], [1, 2]))
        #expect(!constantTimeEquals([1, 2], [1, 3]))
    }

    @Test func randomBytesDiffer() {
        let random = SystemRandom()
        #expect(random.bytes(32) != random.bytes(32))
        #expect(random.bytes(0).isEmpty)
        #expect(random.bytes(-1).isEmpty)
        let many = random.bytes(1000)
        #expect(many.count == 1000)
        // Every piece is filled: 64 zeros in a row come once in 2^512.
        #expect(!stride(from: 0, to: 936, by: 8).contains { many[$0..<$0 + 64].allSatisfy { $0 == 0 } })
    }
}
