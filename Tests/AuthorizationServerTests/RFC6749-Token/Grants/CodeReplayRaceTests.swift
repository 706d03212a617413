import AuthorizationServer
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Authorization code grant: a replay right behind the first use", .spec("T-12", "RFC 6749 §4.1.2"))
struct CodeReplayRaceTests {
    /// Codes whose grant is revoked as soon as one is spent, as a faster replay does it.
    struct Overtaken: AuthorizationCodeStore {
        let codes: any AuthorizationCodeStore
        let grants: any GrantStore

        func issue(_ code: AuthorizationCode, under grant: Grant, in participation: Participation?) async throws {
            try await codes.issue(code, under: grant, in: participation)
        }

        func find(_ digest: TokenDigest, at now: Timestamp) async throws -> IssuedCode? {
            try await codes.find(digest, at: now)
        }

        func redeem(_ digest: TokenDigest, at now: Timestamp) async throws -> Redemption {
            let redemption = try await codes.redeem(digest, at: now)
            if redemption == .fresh, let issued = try await codes.find(digest, at: now) {
                try await grants.revoke(issued.grant.id, at: now)
            }
            return redemption
        }

        func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
            try await codes.sweep(expiredBy: now, limit: limit)
        }
    }

    @Test func leavesTheFirstItsAnswerAndNothingAlive() async throws {
        let memory = Storage.inMemory()
        let server = try await TestServer(
            storage: memory.replacing(\.codes, by: Overtaken(codes: memory.codes, grants: memory.grants))
        )
        let tokens = try await server.redeem(try await server.authorize())
        let refused = await #expect(throws: OAuthError.self) { try await server.userInfo(tokens.accessToken) }
        #expect(refused?.code == .invalidToken)
    }
}
