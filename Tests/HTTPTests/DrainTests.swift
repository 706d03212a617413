import HTTP
import Testing

@testable import Reactor

@Suite("Stopping a server", .timeLimit(.minutes(10)))
struct DrainTests {
    /// Holds a responder until the test lets it go.
    final class Gate: Sendable {
        private let state = Locked((isOpen: false, waiting: [CheckedContinuation<Void, Never>](), arrived: 0))

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.arrived += 1
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }

        func waitForArrivals(_ count: Int) async {
            try? await eventually { state.withLock { $0.arrived } >= count }
        }
    }

    @Test func runningRequestsFinishIdleConnectionsCloseNewOnesAreRefused() async throws {
        let gate = Gate()
        let routes: @Sendable (inout Router) -> Void = { router in
            LiveServer.standardRoutes(&router)
            router.on(.get, "/slow") { _ in
                await gate.pass()
                return .text("done")
            }
        }
        try await LiveServer.run(loops: 2, routes: routes) { live in
            let (idle, fresh, busy) = (live.client(), live.client(), live.client())
            #expect(idle.answer(afterSending: .get("/plain"))?.status == 200)
            busy.send(.get("/slow"))
            await gate.waitForArrivals(1)
            try await eventually { live.server.connectionCount == 3 }

            let draining = Task { await live.server.drain(within: .seconds(600)) }
            // A client that blocks here could keep the task above from its thread.
            try await eventually { idle.hasBytes() && fresh.hasBytes() }
            #expect(idle.endsHere())
            #expect(fresh.endsHere())
            // Each loop stops in its own time; soon no new connection is answered.
            try await eventually { live.client().answer(afterSending: .get("/plain")) == nil }
            gate.open()
            let last = try #require(busy.answer())
            #expect(last.text == "done")
            #expect(last.header("Connection") == "close")
            #expect(busy.endsHere())
            await draining.value
            try await eventually { live.server.connectionCount == 0 }
        }
    }

    @Test func aPatientStopTakesOneMoreRequestOfEachConnection() async throws {
        try await LiveServer.run(loops: 2) { live in
            let (idle, fresh) = (live.client(), live.client())
            #expect(idle.answer(afterSending: .get("/plain"))?.header("Connection") == nil)
            try await eventually { live.server.connectionCount == 2 }
            // Far longer than any machine needs for what follows; the drain ends as soon as nobody is left.
            let draining = Task { await live.server.drain(within: .seconds(600), patience: .seconds(300)) }
            try await eventually { live.client().answer(afterSending: .get("/plain")) == nil }
            for client in [idle, fresh] {
                let last = try #require(client.answer(afterSending: .get("/plain")))
                #expect(last.status == 200 && last.header("Connection") == "close")
                #expect(client.endsHere())
            }
            await draining.value
            try await eventually { live.server.connectionCount == 0 }
        }
    }

    @Test func patienceHasAnEndFarFromThatOfWhatIsAtWork() async throws {
        try await LiveServer.run(loops: 2) { live in
            let silent = live.client()
            try await eventually { live.server.connectionCount == 1 }
            let draining = Task { await live.server.drain(within: .seconds(600), patience: .milliseconds(50)) }
            try await eventually { silent.hasBytes() }
            #expect(silent.endsHere())
            await draining.value
            try await eventually { live.server.connectionCount == 0 }
        }
    }

    @Test func whoeverTakesTheSocketsOverMissesNoConnection() async throws {
        try await LiveServer.run(loops: 2) { live in
            let copies = try await live.server.duplicateListeners()
            #expect(copies.count == 2)
            let inherited = InheritedSockets(copies.map(\.descriptor))
            try await LiveServer.run(loops: 1, configure: { $0.listeners = [.init(live.server.places[0])] }) { next in
                // It binds nothing: the port is taken, by the sockets that both have.
                #expect(next.server.places == live.server.places)
                await live.server.drain(within: .seconds(600))
                for _ in 0..<50 { #expect(next.client().answer(afterSending: .get("/plain"))?.status == 200) }
                #expect(next.records.count == 50)
            } adopting: {
                inherited
            }
        }
    }

    @Test func whatDoesNotFinishInTimeIsBrokenOff() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/endless") { _ in
                try? await EventLoop.current?.sleep(until: .never)
                return .text("cancelled")
            }
        }
        try await LiveServer.run(routes: routes) { live in
            let client = live.client()
            client.send(.get("/endless"))
            let unfinished = live.client()
            unfinished.send("GET / HT")
            try await eventually { live.server.connectionCount == 2 }
            await live.server.drain(within: .milliseconds(20))
            try await eventually { live.server.connectionCount == 0 }
            #expect(unfinished.isCutOffHere())
        }
    }

    @Test func aServerUnderLoadStopsCleanly() async throws {
        for _ in 0..<5 {
            try await LiveServer.run(loops: 2) { live in
                await withTaskGroup { tasks in
                    let group = try? EventLoopGroup(count: 2)
                    guard let group, let address = live.server.boundAddresses.first else { return }
                    for loop in group.loops {
                        for _ in 0..<8 {
                            tasks.addTask(executorPreference: loop) {
                                guard
                                    let connection = try? await Connection.connect(
                                        to: address, on: loop, until: .after(.seconds(300)))
                                else { return }
                                let request = Array(String.get("/plain").utf8)
                                while (try? await connection.write(request, until: .after(.seconds(300)))) != nil,
                                    let bytes = try? await connection.read(upTo: 4096, until: .after(.seconds(300))),
                                    !bytes.isEmpty
                                {}
                                connection.close()
                            }
                        }
                    }
                    try? await eventually { live.records.count >= 200 }
                    await live.server.drain(within: .seconds(600))
                    await tasks.waitForAll()
                    await group.stop()
                }
                try await eventually { live.server.connectionCount == 0 }
            }
        }
    }
}
