import HTTP
import Testing

@testable import TokenVerifier

@Suite("RFC 9111 §4.2.1 how long an answer may be used")
struct CacheLifetimeTests {
    @Test(
        arguments: [
            ([:], nil),
            (["Cache-Control": "public, max-age=300"], .seconds(300)),
            (["Cache-Control": "MAX-AGE = 300 , public"], .seconds(300)),
            (["Cache-Control": "max-age=\"300\""], .seconds(300)),
            (["Cache-Control": "max-age=300, max-age=5"], .seconds(300)),
            (["Cache-Control": "max-age=300", "Age": "100"], .seconds(200)),
            (["Cache-Control": "max-age=300", "Age": "400"], .zero),
            (["Cache-Control": "max-age=300", "Age": "-5"], .seconds(300)),
            (["Cache-Control": "max-age=99999999999999999999"], .seconds(1 << 31)),
            (["Cache-Control": "max-age=300, no-cache"], .zero),
            (["Cache-Control": "no-store"], .zero),
            (["Cache-Control": "s-maxage=300"], nil),
            (["Cache-Control": "max-age=-1"], nil),
            (["Cache-Control": "max-age=+1"], nil),
            (["Cache-Control": "max-age"], nil),
            (["Cache-Control": "max-age=\""], nil),
            (["Cache-Control": ",=,;"], nil),
        ] as [(Headers, Duration?)])
    func isRead(_ headers: Headers, _ lifetime: Duration?) {
        #expect(CacheLifetime.of(headers) == lifetime)
    }

    @Test func isBounded() {
        var policy = KeySetPolicy()
        policy.lifetime = .seconds(60)...Duration.seconds(600)
        #expect(policy.bounded(nil) == .seconds(300))
        #expect(policy.bounded(.zero) == .seconds(60))
        #expect(policy.bounded(.seconds(599)) == .seconds(599))
        #expect(policy.bounded(.seconds(601)) == .seconds(600))
        policy.lifetime = .zero...Duration.zero
        #expect(policy.bounded(.zero) == .seconds(1))
    }
}
