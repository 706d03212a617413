import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

@testable import AuthorizationServer

@Suite("What was fetched from addresses of clients")
struct RemoteCacheTests {
    /// A cache of eight values, and what it fetched.
    private final class Bench: Sendable {
        let clock = TestClock()
        let cache: RemoteCache<String>
        private let state = Mutex<(asked: [String], isThere: Bool)>(([], true))

        init() { cache = RemoteCache(capacity: 8, fetches: 8, clock: clock) }

        var asked: [String] { state.withLock(\.asked) }

        func stop() { state.withLock { $0.isThere = false } }

        /// What is at a place of a client: its own name, "nothing" or "busy".
        func look(_ place: String, for client: Client = .confidential("shop")) async -> String {
            let address = WebAddress("https://\(place)")!
            let outcome = await cache.value(at: address, for: client) {
                state.withLock { state in
                    state.asked.append(place)
                    return state.isThere ? .value(place, for: .seconds(60)) : .nothing(for: .seconds(60))
                }
            }
            return switch outcome {
            case .found(let value): value
            case .nothing: "nothing"
            case .busy: "busy"
            }
        }
    }

    @Test func theOldestMakesRoomForWhatIsNew() async {
        let bench = Bench()
        for number in 0..<9 {
            #expect(await bench.look("a.example/\(number)") == "a.example/\(number)")
            bench.clock.advance(by: .seconds(1))
        }
        _ = await bench.look("a.example/8")
        _ = await bench.look("a.example/1")
        #expect(bench.asked.count == 9)
        _ = await bench.look("a.example/0")
        #expect(bench.asked.count == 10, "it made room")
        _ = await bench.look("a.example/2")
        #expect(bench.asked.count == 10, "and 1 did for it")
        _ = await bench.look("a.example/1")
        #expect(bench.asked.count == 11)
    }

    @Test func whatPausesStaysHoweverManyNamesComeAndGo() async {
        let bench = Bench()
        bench.stop()
        #expect(await bench.look("victim.example/x", for: .confidential("one")) == "nothing")
        // Nobody has more of these than an eighth: else they would be all there is room for.
        #expect(await bench.look("victim.example/y", for: .confidential("one")) == "busy")
        for number in 0..<7 {
            #expect(await bench.look("tar.example/\(number)", for: .confidential("c\(number)")) == "nothing")
        }
        #expect(await bench.look("new.example/", for: .confidential("other")) == "busy", "all pause")
        #expect(await bench.look("victim.example/x", for: .confidential("one")) == "nothing")
        #expect(bench.asked.count == 8, "nobody was asked again")
        bench.clock.advance(by: .seconds(61))
        #expect(await bench.look("victim.example/x", for: .confidential("one")) == "nothing")
        #expect(await bench.look("new.example/", for: .confidential("other")) == "nothing")
        #expect(bench.asked.count == 10)
    }

    private static func stranger(_ number: Int) -> Client {
        var client = Client.confidential("c_\(number)")
        client.registrationDigest = .numbered(number)
        return client
    }

    @Test func strangersPausesKeepNoOperatorsClientOut() async {
        let bench = Bench()
        #expect(await bench.look("own.example/", for: .confidential("shop")) == "own.example/")
        bench.stop()
        for number in 0..<4 {
            let place = "h\(number).example/"
            #expect(await bench.look(place, for: Self.stranger(number)) == "nothing")
            bench.clock.advance(by: .seconds(1))
        }
        #expect(await bench.look("more.example/", for: Self.stranger(9)) == "busy", "strangers have their half")
        for number in 0..<3 {
            #expect(await bench.look("o\(number).example/", for: .confidential("o\(number)")) == "nothing")
        }
        // All eight are taken, and only one is older than its pause: a stranger's goes all the same.
        #expect(await bench.look("new.example/", for: .confidential("other")) == "nothing")
        let asked = bench.asked.count
        #expect(await bench.look("newer.example/", for: .confidential("another")) == "nothing")
        #expect(bench.asked.count == asked + 1)
        #expect(await bench.look("h3.example/", for: Self.stranger(3)) == "nothing")
        #expect(bench.asked.count == asked + 1, "only the oldest of them went")
    }

    @Test func strangersMakeRoomForEachOtherAlone() async {
        let bench = Bench()
        #expect(await bench.look("own.example/", for: .confidential("shop")) == "own.example/")
        for number in 0..<9 {
            #expect(await bench.look("h\(number).example/", for: Self.stranger(number)) == "h\(number).example/")
            bench.clock.advance(by: .seconds(1))
        }
        let asked = bench.asked.count
        _ = await bench.look("own.example/", for: .confidential("shop"))
        _ = await bench.look("h8.example/", for: Self.stranger(8))
        #expect(bench.asked.count == asked)
        _ = await bench.look("h4.example/", for: Self.stranger(4))
        #expect(bench.asked.count == asked + 1)
    }

    @Test func whoeverAsksTakesAnAddressOver() async {
        let bench = Bench()
        bench.stop()
        #expect(await bench.look("shared.example/", for: Self.stranger(1)) == "nothing")
        bench.clock.advance(by: .seconds(61))
        #expect(await bench.look("shared.example/", for: .confidential("shop")) == "nothing")
        // It is the operator's client's pause by now: the stranger has room for one of their own.
        #expect(await bench.look("other.example/", for: Self.stranger(1)) == "nothing")
        #expect(await bench.look("more.example/", for: .confidential("shop")) == "busy")
    }

    @Test func wantOfRoomLosesNothingThatIsKnown() async {
        let bench = Bench()
        let address = WebAddress("https://a.example/")!
        func look(_ version: String, _ answer: RemoteCache<String>.Answer) async -> String? {
            let outcome = await bench.cache.value(at: address, version: version, for: .confidential("shop")) { answer }
            return if case .found(let value) = outcome { value } else { nil }
        }
        #expect(await look("one", .value("first", for: .seconds(600))) == "first")
        bench.clock.advance(by: .seconds(6))
        #expect(await look("two", .unasked) == nil)
        #expect(await look("one", .value("second", for: .seconds(600))) == "first")
    }

    private final class Gate: Sendable {
        private let state = Mutex(false)
        var value: Bool { state.withLock { $0 } }
        func open() { state.withLock { $0 = true } }
    }

    @Test func strangersGetHalfOfThePlaces() async {
        let bench = Bench()
        let isOpen = Gate()
        func slow(_ number: Int, _ client: Client) async -> Bool {
            let outcome = await bench.cache.value(at: WebAddress("https://h\(number).example/")!, for: client) {
                while !isOpen.value { await Task.yield() }
                return .value("", for: .seconds(1))
            }
            if case .busy = outcome { return false }
            return true
        }
        await withTaskGroup { tasks in
            for number in 0..<4 { tasks.addTask { await slow(number, Self.stranger(number)) } }
            while bench.cache.count < 4 { await Task.yield() }
            #expect(await !slow(4, Self.stranger(4)), "half of eight are taken")
            for number in 5..<9 { tasks.addTask { await slow(number, .confidential("shop\(number)")) } }
            while bench.cache.count < 8 { await Task.yield() }
            #expect(await !slow(9, .confidential("shop9")), "all are")
            isOpen.open()
            for await wasAsked in tasks { #expect(wasAsked) }
        }
        #expect(await slow(4, Self.stranger(4)))
    }
}
