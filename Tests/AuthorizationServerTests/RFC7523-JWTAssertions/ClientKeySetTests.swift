import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Keys of clients at an address", .spec("RFC 7591 §2", "OpenID Connect Core §10.1.1"))
struct ClientKeySetTests {
    private static let address = "https://robot.example/jwks"

    @Test(.spec("oidcc-registration-jwks-uri"))
    func areFetchedWhenTheyAreNeededAndKept() async throws {
        let bench = try await AssertionBench(at: ClientKeySetTests.address)
        #expect(bench.documents.asked.isEmpty)
        for _ in 0..<5 { _ = try await bench.authenticate(bench.assertion()) }
        #expect(bench.documents.asked == [ClientKeySetTests.address])
        // Ten minutes where they do not say.
        bench.server.clock.advance(by: .seconds(599))
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 1)
        bench.server.clock.advance(by: .seconds(1))
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 2)
    }

    @Test(.spec("C-18", "X-02", "oidcc-refresh-token-rp-key-rotation"))
    func anUnknownKeyIsLookedForOnceAMinute() async throws {
        let bench = try await AssertionBench(at: ClientKeySetTests.address)
        _ = try await bench.authenticate(bench.assertion())
        let next = try SigningKey.generate(.es256)
        let early = try bench.assertion(by: next)
        #expect(await refusal { try await bench.authenticate(early) } == .invalidClient)
        try bench.documents.serve([bench.key.publicKey, next.publicKey])
        #expect(await refusal { try await bench.authenticate(early) } == .invalidClient)
        #expect(bench.documents.asked.count == 1)
        bench.server.clock.advance(by: .seconds(60))
        _ = try await bench.authenticate(bench.assertion(by: next))
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 2)
    }

    @Test func whileTheAddressFailsTheOldKeysDoForADay() async throws {
        let bench = try await AssertionBench(at: ClientKeySetTests.address)
        _ = try await bench.authenticate(bench.assertion())
        bench.documents.fail()
        bench.server.clock.advance(by: .seconds(600 + 24 * 3600 - 1))
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 2)
        // A failure is not repeated with every request.
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 2)
        bench.server.clock.advance(by: .seconds(11))
        #expect(try await bench.refusal([:]) == .invalidClient)
        try bench.documents.serve([bench.key.publicKey])
        bench.server.clock.advance(by: .seconds(11))
        #expect(try await bench.refusal([:]) == nil)
    }

    @Test(arguments: [0, 30, 120, 10_000_000])
    func whatTheySayOfTheirLifeCountsWithinBounds(_ seconds: Int) async throws {
        let bench = try await AssertionBench(at: ClientKeySetTests.address)
        try bench.documents.serve([bench.key.publicKey], lifetime: .seconds(seconds))
        _ = try await bench.authenticate(bench.assertion())
        let kept = min(max(seconds, 60), 24 * 3600)
        bench.server.clock.advance(by: .seconds(kept - 1))
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 1)
        bench.server.clock.advance(by: .seconds(1))
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked.count == 2)
    }

    @Test func aChangedClientIsReadAnew() async throws {
        let bench = try await AssertionBench(at: ClientKeySetTests.address)
        _ = try await bench.authenticate(bench.assertion())
        var moved = bench.client
        moved.metadata.jwksURI = WebAddress("https://robot.example/keys")
        #expect(try await bench.server.storage.clients.replace(moved))
        bench.server.environment.clients.forget()
        _ = try await bench.authenticate(bench.assertion())
        #expect(bench.documents.asked == [ClientKeySetTests.address, "https://robot.example/keys"])
    }
}
