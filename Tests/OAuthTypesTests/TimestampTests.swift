import MartletTesting
import OAuthTypes
import Testing

@Suite("Moments", .spec("RFC 7519 §2"))
struct TimestampTests {
    @Test(arguments: [(0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2)])
    func roundsSecondsDown(_ microseconds: Int64, _ seconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).seconds == seconds)
    }

    @Test func staysAtItsBounds() {
        let last = Timestamp(microseconds: .max)
        let first = Timestamp(microseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(Timestamp(seconds: .max) == last)
        #expect(Timestamp(seconds: .min) == first)
        #expect(last - first == .microseconds(Int64.max))
        #expect(first - last == .microseconds(Int64.min))
        #expect(Timestamp.noon + .seconds(Int64.max) == last)
        #expect(Timestamp.noon - .seconds(5) + .seconds(5) == .noon)
    }
}
