import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Recovery codes", .spec("O-06", "ASVS 6.5.2"))
struct RecoveryCodesTests {
    private let storage = Storage.inMemory()
    private let zoe = UserID(rawValue: "u_zoe")
    private let ada = UserID(rawValue: "u_ada")

    private var codes: RecoveryCodes {
        RecoveryCodes(storage.secondFactors.recoveryCodes, clock: TestClock(), random: SeededRandom())
    }

    @Test func areTenDifferentOnesOfEightyBits() async throws {
        let texts = try #require(try await codes.renew(for: zoe)).map(\.text)
        #expect(Set(texts).count == RecoveryCodes.count)
        for text in texts {
            let groups = text.split(separator: "-")
            // Sixteen characters of 32: 5 bits each.
            #expect(groups.count == 4 && groups.allSatisfy { $0.count == 4 })
            #expect(text.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz-".contains($0) })
        }
    }

    @Test func eachIsGoodOnceForItsOwner() async throws {
        let (codes, zoe) = (self.codes, self.zoe)
        let texts = try #require(try await codes.renew(for: zoe)).map(\.text)
        #expect(try await !codes.accept(texts[0], for: ada))
        let outcomes = try await concurrently(32) { try await codes.accept(texts[0], for: zoe) }
        #expect(outcomes.count { $0 } == 1)
        #expect(try await codes.left(for: zoe) == 9)
        #expect(try await codes.accept(texts[1], for: zoe))
        #expect(try await codes.left(for: zoe) == 8)
    }

    @Test func newOnesEndTheOld() async throws {
        let random = SeededRandom()
        let codes = RecoveryCodes(storage.secondFactors.recoveryCodes, clock: TestClock(), random: random)
        let old = try #require(try await codes.renew(for: zoe))
        let new = try #require(try await codes.renew(for: zoe))
        #expect(try await !codes.accept(old[0].text, for: zoe))
        #expect(try await codes.accept(new[0].text, for: zoe))
    }

    @Test func areTypedAsPeopleType() throws {
        let code = try #require(RecoveryCode(typed: "0h3k-9x2m-7qpt-v5a1"))
        for text in ["0H3K 9X2M 7QPT V5A1", "oh3k9x2m7qptv5al", " 0h3k-9x2m-7qpt-v5aI\n"] {
            #expect(RecoveryCode(typed: text) == code)
        }
        for text in ["", "0h3k", "0h3k-9x2m-7qpt-v5a11", "0h3k-9x2m-7qpt-v5au", String(repeating: "-", count: 80)] {
            #expect(RecoveryCode(typed: text) == nil)
        }
    }
}
