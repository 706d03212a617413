import JOSE
import Testing

@Suite("RFC 7519 Tokens that were verified")
struct VerifiedTokenCacheTests {
    private func digest(_ number: Int) -> SHA256Digest { SHA256.digest(of: "token \(number)") }

    private let token = "what was verified"
    private let bytes = 100

    @Test func growsToItsLimitOfTokensAndNoFurther() {
        let cache = VerifiedTokenCache<String>(tokenLimit: 8, byteLimit: .max)
        for number in 0..<100 {
            cache.insert(token, bytes: bytes, digest(number), under: 1)
            #expect(cache.size.tokens == min(number + 1, 8))
            #expect(cache.find(digest(number), under: 1) != nil)
        }
        #expect((0..<100).count { cache.find(digest($0), under: 1) != nil } == 8)
    }

    @Test func growsToItsLimitOfBytesAndNoFurther() {
        let one = VerifiedTokenCache<String>(tokenLimit: 1, byteLimit: .max)
        one.insert(token, bytes: bytes, digest(0), under: 1)
        let size = one.size.bytes
        #expect(size > 256)
        let cache = VerifiedTokenCache<String>(tokenLimit: 100, byteLimit: 3 * size + size / 2)
        for number in 0..<50 {
            cache.insert(token, bytes: bytes, digest(number), under: 1)
            #expect(cache.size.bytes <= 3 * size)
        }
        #expect(cache.size.tokens == 3)
        // One that alone is too big is not kept, and drives nothing out.
        let small = VerifiedTokenCache<String>(tokenLimit: 100, byteLimit: size - 1)
        small.insert(token, bytes: bytes, digest(0), under: 1)
        #expect(small.size.tokens == 0)
        small.insert(token, bytes: bytes - 1, digest(0), under: 1)
        #expect(small.size.tokens == 1)
    }

    @Test func keepsWhatIsUsedWhenAFloodComes() {
        let cache = VerifiedTokenCache<String>(tokenLimit: 8, byteLimit: .max)
        cache.insert(token, bytes: bytes, digest(-1), under: 1)
        for number in 0..<100 {
            #expect(cache.find(digest(-1), under: 1) != nil, "\(number)")
            cache.insert(token, bytes: bytes, digest(number), under: 1)
        }
    }

    @Test func makesRoomWhenEverythingIsUsed() {
        let cache = VerifiedTokenCache<String>(tokenLimit: 4, byteLimit: .max)
        for number in 0..<20 {
            cache.insert(token, bytes: bytes, digest(number), under: 1)
            for used in 0...number { _ = cache.find(digest(used), under: 1) }
        }
        #expect(cache.size.tokens == 4)
        #expect(cache.find(digest(19), under: 1) != nil)
    }

    @Test func isEmptyUnderOtherKeys() {
        let cache = VerifiedTokenCache<String>(tokenLimit: 8, byteLimit: .max)
        cache.insert(token, bytes: bytes, digest(1), under: 1)
        #expect(cache.find(digest(1), under: 2) == nil)
        cache.insert(token, bytes: bytes, digest(2), under: 2)
        #expect(cache.size.tokens == 1)
        // Verified under the keys before, and late.
        cache.insert(token, bytes: bytes, digest(3), under: 1)
        #expect(cache.find(digest(3), under: 1) == nil)
        #expect(cache.find(digest(3), under: 2) == nil)
        #expect(cache.find(digest(2), under: 2) != nil)
    }

    @Test func keepsNothingWhereThereIsNoRoom() {
        let cache = VerifiedTokenCache<String>(tokenLimit: 0, byteLimit: .max)
        cache.insert(token, bytes: bytes, digest(1), under: 1)
        #expect(cache.find(digest(1), under: 1) == nil)
    }

    @Test func standsManyThreads() async {
        let cache = VerifiedTokenCache<String>(tokenLimit: 16, byteLimit: .max)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for number in 0..<500 {
                        cache.insert(token, bytes: bytes, digest(number % 40), under: 1 + number / 400)
                        _ = cache.find(digest(number % 40), under: 1)
                    }
                }
            }
        }
        #expect(cache.size.tokens == 16)
    }
}
