import JOSE
import JSON
import Testing

@Suite("RFC 2104 HMAC with SHA-256")
struct HMACSHA256Tests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: [UInt8]
        let message: [UInt8]
        let code: String
    }

    @Test(arguments: [
        Example(
            testDescription: "RFC 4231 §4.2", key: Array(repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Example(
            testDescription: "RFC 4231 §4.3, short key", key: Array("Jefe".utf8),
            message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Example(
            testDescription: "RFC 4231 §4.4", key: Array(repeating: 0xAA, count: 20),
            message: Array(repeating: 0xDD, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Example(
            testDescription: "RFC 4231 §4.7, key longer than a block", key: Array(repeating: 0xAA, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ])
    func agreesWithTheExamples(_ example: Example) {
        let hmac = HMACSHA256(key: Secret(example.key))
        #expect(hmac.authenticate(example.message).bytes == bytes(hex: example.code))
        #expect(hmac.authenticate(example.message).bytes == bytes(hex: example.code))  // the keyed state stays
    }

    @Test func acceptsTheRightCodeOnly() {
        let hmac = HMACSHA256(key: Secret("key"))
        let message = Array("message".utf8)
        let code = hmac.authenticate(message).bytes
        #expect(hmac.isValid(code, for: message))
        #expect(!hmac.isValid(code, for: Array("massage".utf8)))
        #expect(!hmac.isValid(Array(code.dropLast()), for: message))
        #expect(!hmac.isValid([UInt8](), for: message))
        #expect(!HMACSHA256(key: Secret("kez")).isValid(code, for: message))
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func agreesWithWycheproof() throws {
        let tests = try Vectors.wycheproof("hmac_sha256_test")
        #expect(tests.count == 174)
        for (group, test) in tests {
            let tag = try test.hex("tag")
            let code = HMACSHA256(key: Secret(try test.hex("key"))).authenticate(try test.hex("msg")).bytes
            let length = Int(group["tagSize"]?.integer ?? 0) / 8
            #expect((Array(code.prefix(length)) == tag) == test.isValid, "\(test.number)")
        }
    }
}

extension HMACSHA256 {
    fileprivate func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
        isValid(code.span, for: message.span)
    }
}
