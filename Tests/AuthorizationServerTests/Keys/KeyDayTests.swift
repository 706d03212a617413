import AuthorizationServer
import MartletTesting
import Testing

@Suite("A day of many nodes and clients", .spec("D-18", "OpenID Connect Core §10.1.1"))
struct KeyDayTests {
    @Test(arguments: [1, 2, 3, 20_261_121] as [UInt64])
    func everyTokenIsVerifiedAtEveryMoment(seed: UInt64) async throws {
        let outcome = try await KeyDay(seed: seed).run()
        #expect(
            outcome.failures.isEmpty, "seed \(seed): \(outcome.failures.count), first: \(outcome.failures.first ?? "")")
        #expect(outcome.verified > 3000, "seed \(seed)")
        // Something happened: both algorithms rotated on schedule and by command, and commands came too early.
        #expect(outcome.signers.count > 20 && outcome.rotations > 5 && outcome.refusals > 0, "seed \(seed)")
    }

    /// The day finds what it looks for: clients that keep copies for longer than they may miss keys.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func clientsThatKeepTheKeySetTooLongAreFound(seed: UInt64) async throws {
        let outcome = try await KeyDay(seed: seed, copyLifetime: .seconds(4 * 3600)).run()
        #expect(!outcome.failures.isEmpty, "seed \(seed)")
    }
}
