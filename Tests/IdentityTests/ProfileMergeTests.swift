import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Merging profiles of several sources")
struct ProfileMergeTests {
    private let user = UserID(rawValue: "u_1")
    private let nickname = ProfileMember.detail(.nickname)

    private func told(_ source: String, _ values: [ProfileMember: String]) -> ProfileTelling {
        ProfileTelling(of: user, by: source, values, at: Timestamp(seconds: 0))
    }

    private func merge(
        _ current: [ProfileMember: String], _ before: [ProfileTelling], now: ProfileTelling,
        edited: Set<ProfileMember> = [], ranks: [String] = ["a", "b"]
    ) -> [ProfileMember: String] {
        ProfileMerge(of: current, told: before, now: now, edited: edited, ranks: ranks).values
    }

    @Test func whatOnlyTheAccountKnowsStays() {
        let new = told("a", [nickname: "new"])
        #expect(merge([nickname: "own"], [], now: new) == [nickname: "own"])
        #expect(merge([nickname: "old"], [told("a", [nickname: "old"])], now: new) == [nickname: "new"])
        #expect(merge([:], [], now: new) == [nickname: "new"])
    }

    @Test func whatWasTakenOutStaysOut() {
        let new = told("a", [nickname: "new"])
        #expect(merge([:], [told("a", [nickname: "old"])], now: new) == [:])
        #expect(merge([:], [told("b", [nickname: "old"])], now: new) == [:])
    }

    @Test func whatAPersonWroteOutweighsAll() {
        let before = [told("a", [nickname: "same"])]
        let new = told("a", [nickname: "new"])
        #expect(merge([nickname: "same"], before, now: new, edited: [nickname]) == [nickname: "same"])
        #expect(merge([nickname: "same"], before, now: new) == [nickname: "new"])
    }

    @Test func whoIsNotInTheOrderComesLast() {
        let before = [told("gone", [nickname: "gone"])]
        #expect(merge([nickname: "gone"], before, now: told("b", [nickname: "b"])) == [nickname: "b"])
        #expect(merge([nickname: "gone"], before, now: told("b", [:])) == [nickname: "gone"])
    }

    @Test func theNameIsNeverEmptied() {
        let before = [told("a", [.name: "Ada"])]
        #expect(merge([.name: "Ada"], before, now: told("a", [:])) == [.name: "Ada"])
        #expect(merge([:], before, now: told("a", [.name: "Ada L."])) == [.name: "Ada L."])
    }
}
