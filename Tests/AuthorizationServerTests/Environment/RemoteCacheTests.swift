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
        func stranger(_ number: Int) -> Client {
            var client = Client.confidential("c_\(number)")
            client.registrationDigest = .numbered(number)
            return client
        }
        await withTaskGroup { tasks in
            for number in 0..<4 { tasks.addTask { await slow(number, stranger(number)) } }
            while bench.cache.count < 4 { await Task.yield() }
            #expect(await !slow(4, stranger(4)), "half of eight are taken")
            for number in 5..<9 { tasks.addTask { await slow(number, .confidential("shop\(number)")) } }
            while bench.cache.count < 8 { await Task.yield() }
            #expect(await !slow(9, .confidential("shop9")), "all are")
            isOpen.open()
            for await wasAsked in tasks { #expect(wasAsked) }
        }
        #expect(await slow(4, stranger(4)))
    }
}
