import MartletTesting
import OAuthTypes
import Testing

@testable import Identity

@Suite("A rate in fixed memory")
struct RateLimiterTests {
    private let key: [UInt8] = [192, 0, 2, 7]

    @Test func asManyAtOnceAndThenOneAfterTheOther() throws {
        let limiter = try #require(RateLimiter(perMinute: 6))
        for _ in 1...6 { #expect(limiter.take(key, at: .noon) == nil) }
        #expect(limiter.take(key, at: .noon) == .seconds(10))
        #expect(limiter.take(key, at: .noon + .milliseconds(9_999)) == .milliseconds(1))
        #expect(limiter.take(key, at: .noon + .seconds(10)) == nil)
        #expect(limiter.take(key, at: .noon + .seconds(10)) == .seconds(10))
        // A minute's rest, and all is as at first; an hour's rest is no more than that.
        for moment in [Timestamp.noon + .seconds(70), .noon + .seconds(3600)] {
            for _ in 1...6 { #expect(limiter.take(key, at: moment) == nil) }
            #expect(limiter.take(key, at: moment) != nil)
        }
    }

    @Test func whatIsRefusedDoesNotCount() throws {
        let limiter = try #require(RateLimiter(perMinute: 1))
        #expect(limiter.take(key, at: .noon) == nil)
        for second in 1...59 { #expect(limiter.take(key, at: .noon + .seconds(second)) == .seconds(60 - second)) }
        #expect(limiter.take(key, at: .noon + .seconds(60)) == nil)
    }

    @Test func whatIsGivenBackDoesNotCount() throws {
        let limiter = try #require(RateLimiter(perMinute: 2))
        for _ in 1...100 {
            #expect(limiter.take(key, at: .noon) == nil)
            limiter.giveBack(key)
        }
        for _ in 1...2 { #expect(limiter.take(key, at: .noon) == nil) }
        #expect(limiter.take(key, at: .noon) != nil)
    }

    @Test func keysAreApartAsFarAsTheMemoryGoes() throws {
        let limiter = try #require(RateLimiter(perMinute: 1))
        for byte in 0...UInt8.max { _ = limiter.take([byte], at: .noon) }
        // Of a thousand strangers hardly one shares both of its slots with the 256.
        let strangers = (0..<1000).count { number in
            let stranger: [UInt8] = [1, UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
            defer { limiter.giveBack(stranger) }
            return limiter.take(stranger, at: .noon) == nil
        }
        #expect(strangers > 900)
    }

    @Test func aClockThatGoesBackHarmsNobody() throws {
        let limiter = try #require(RateLimiter(perMinute: 6))
        for _ in 1...3 { #expect(limiter.take(key, at: .noon) == nil) }
        let wait = limiter.take(key, at: .noon - .seconds(3600))
        #expect(wait.map { $0 <= .seconds(3700) } ?? true)
        #expect(limiter.take(key, at: .noon) == nil)
    }

    @Test func noneIsNoLimiter() {
        #expect(RateLimiter(perMinute: 0) == nil)
        #expect(RateLimiter(perMinute: -1) == nil)
    }
}
