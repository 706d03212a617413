import OAuthTypes
import Reactor
import Testing

@testable import Martlet

@Suite("Who is told of ended sessions at a time")
struct LogoutSlotsTests {
    private static func clients(_ prefix: String, _ count: Int) -> [ClientID] {
        (0..<count).map { ClientID("\(prefix)\($0)")! }
    }

    private static func candidates(_ clients: [ClientID], strangers: Bool) -> [LogoutSlots.Candidate] {
        clients.map { .init(client: $0, isStrangers: strangers) }
    }

    @Test func strangersKeepNoOperatorsClientWaiting() {
        var slots = LogoutSlots()
        let (strangers, own) = (Self.clients("c_", 100), Self.clients("shop", 40))
        let first = slots.take(
            from: Self.candidates(strangers, strangers: true) + Self.candidates(own, strangers: false))
        #expect(first == Array(strangers.prefix(8)) + Array(own.prefix(24)))
        #expect(slots.take(from: Self.candidates(own, strangers: false)).isEmpty, "all places are taken")
        // A place that a stranger's gives back may be anybody's, but no more than eight are strangers'.
        slots.give(back: own[0], didAnswer: true, at: Deadline(nanoseconds: 0))
        #expect(slots.take(from: Self.candidates(strangers, strangers: true)).isEmpty)
        slots.give(back: strangers[0], didAnswer: true, at: Deadline(nanoseconds: 0))
        #expect(slots.take(from: Self.candidates(strangers, strangers: true)).count == 1)
        #expect(slots.take(from: Self.candidates([own[30]], strangers: false)) == [own[30]])
    }

    @Test(arguments: [(true, [5, 15, 45], 3600), (false, [5, 5, 5], 5)])
    func strangersWhoDoNotAnswerRestLongerEachTime(isStrangers: Bool, first: [UInt64], longest: UInt64) {
        var slots = LogoutSlots()
        let client = ClientID("shop")!
        var now = Deadline(nanoseconds: 1_000_000_000)
        var pauses: [UInt64] = []
        for _ in 0..<10 {
            #expect(slots.free(of: [client], at: now) == [client])
            #expect(slots.take(from: Self.candidates([client], strangers: isStrangers)) == [client])
            #expect(slots.free(of: [client], at: now).isEmpty, "it is being told")
            slots.give(back: client, didAnswer: false, at: now)
            var seconds: UInt64 = 0
            while slots.free(of: [client], at: now).isEmpty {
                now = now.advanced(byNanoseconds: 1_000_000_000)
                seconds += 1
            }
            pauses.append(seconds)
        }
        #expect(pauses.prefix(3) == first[...] && pauses.last == longest)
        // Whoever answers is as good as new.
        _ = slots.take(from: Self.candidates([client], strangers: isStrangers))
        slots.give(back: client, didAnswer: true, at: now)
        #expect(slots.free(of: [client], at: now) == [client])
    }
}
