import JOSE
import Testing

@Suite("FIPS 180-4 SHA-256")
struct SHA256Tests {
    @Test func agreesWithTheExamplesOfTheStandard() {
        #expect(
            SHA256.digest(of: "abc").bytes
                == bytes(hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(
            SHA256.digest(of: "").bytes
                == bytes(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(
            SHA256.digest(of: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").bytes
                == bytes(hex: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"))
    }

    @Test func piecesGiveTheDigestOfTheWhole() {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var hash = SHA256()
        for start in stride(from: 0, to: 1000, by: 37) { hash.update(Array(message[start..<min(start + 37, 1000)])) }
        #expect(hash.finalize() == SHA256.digest(of: message))
        #expect(hash.finalize() == SHA256.digest(of: message))  // asking does not disturb
    }

    @Test func aDigestSurvivesStorage() throws {
        let digest = SHA256.digest(of: "token")
        #expect(SHA256Digest(digest.bytes) == digest)
        #expect(Base64URL.decode(digest.base64URL) == digest.bytes)
        #expect(SHA256Digest(digest.bytes.dropLast()) == nil)
        #expect(SHA256Digest(digest.bytes + [0]) == nil)
    }

    @Test func digestsThatDifferInAnyByteAreDifferent() throws {
        let digest = SHA256.digest(of: "token")
        for index in 0..<SHA256Digest.count {
            var changed = digest.bytes
            changed[index] ^= 1
            #expect(try #require(SHA256Digest(changed)) != digest)
        }
        #expect(Set([digest, SHA256.digest(of: "token"), SHA256.digest(of: "tokem")]).count == 2)
    }
}

extension SHA256Digest {
    fileprivate init?(_ bytes: ArraySlice<UInt8>) { self.init(Array(bytes)) }
}
