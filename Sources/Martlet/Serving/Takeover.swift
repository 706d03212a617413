import Glibc
import JOSE
import Observability
import Reactor
import Synchronization

/// How this process came to its sockets, and how another one comes to them after it.
final class Takeover: Sendable {
    /// Sockets that were open before.
    let inherited: InheritedSockets
    let manager: ServiceManager
    private let program: String
    /// Taken out of our environment, and put into that of a successor.
    private let masterKey: Secret?
    private let state = Mutex(State.starting)

    /// Where the server stands.
    enum State: Sendable {
        case starting, serving, stopping, succeeded
    }

    /// Why the server ends.
    enum End: Sendable, Equatable {
        case signal(Int32)
        case successor(Int32)

        var hasSuccessor: Bool { if case .successor = self { true } else { false } }

        /// How long idle connections may still bring a request: with a successor nobody waits for our end.
        var patience: Duration { hasSuccessor ? .seconds(5) : .zero }
    }

    /// How long a successor may take to listen: it may have to wait for the database.
    private static let startLimit = Duration.seconds(60)

    init(handingOn masterKey: Secret? = nil) {
        self.masterKey = masterKey
        inherited = InheritedSockets(environment: Takeover.variable)
        manager = ServiceManager(environment: Takeover.variable)
        // As it was called, with its links: behind one there may be a newer version by then.
        let called = CommandLine.arguments.first ?? ""
        program = called.contains("/") ? SmallFile.absolute(called) : TemplateSearch.ownExecutable
    }

    /// Whether requests are welcome.
    var isServing: Bool { state.withLock { $0 == .serving } }

    /// Says that the server listens, to whoever waits for it.
    func announceReady(_ log: Log) {
        state.withLock { $0 = .serving }
        for place in inherited.closeRest() { log.warning("socket.unused", .harmless("address", place)) }
        inherited.tellPredecessor()
        manager.tell(.ready)
    }

    /// Waits for a signal that ends this process; one that asks for a restart does so when the successor listens.
    func waitForEnd(
        on loop: EventLoop, _ log: Log, sockets: @Sendable () async throws -> [ListeningSocket]
    ) async throws -> End {
        while true {
            let signal = try await Signals.wait(for: Server.stopSignals + [Server.restartSignal], on: loop)
            guard signal == Server.restartSignal else { return stop(signal, log) }
            log.info("server.restarting")
            do {
                let sockets = try await sockets()
                return try await withThrowingTaskGroup(of: End.self) { tasks in
                    tasks.addTask { [self] in .successor(try await startSuccessor(sockets, on: loop)) }
                    // Whoever wants it stopped does not want to wait for another one.
                    tasks.addTask { .signal(try await Signals.wait(for: Server.stopSignals, on: loop)) }
                    defer { tasks.cancelAll() }
                    let first = try await tasks.next()
                    switch first {
                    case .successor(let process): return succeed(process, log)
                    case .signal(let signal): return stop(signal, log)
                    case nil: throw CancellationError()
                    }
                }
            } catch {
                log.error("server.restart_failed", .error(error))
            }
        }
    }

    private func startSuccessor(_ sockets: [ListeningSocket], on loop: EventLoop) async throws -> Int32 {
        try await Successor.start(
            program,
            Array(CommandLine.arguments.dropFirst()),
            environment: ProcessEnvironment.variables + handedOn,
            sockets: sockets,
            on: loop,
            until: .after(Takeover.startLimit)
        ).process
    }

    private var handedOn: [String] {
        guard let masterKey else { return [] }
        let text = masterKey.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
        return [Setting.masterKey.rawValue + "=" + text]
    }

    private func succeed(_ process: Int32, _ log: Log) -> End {
        state.withLock { $0 = .succeeded }
        manager.tell(.mainProcess(process))
        log.info("server.succeeded", .integer("process", process))
        return .successor(process)
    }

    private func stop(_ signal: Int32, _ log: Log) -> End {
        state.withLock { $0 = .stopping }
        manager.tell(.stopping)
        log.info("server.stopping", .integer("signal", signal))
        return .signal(signal)
    }

    /// Tells the service manager that every loop still turns, as often as it wants to hear it.
    func keepWatchdog(on group: EventLoopGroup) async {
        guard let interval = manager.watchdogInterval else { return }
        while (try? await group.loops[0].sleep(until: .after(interval / 2))) != nil {
            // The successor speaks for itself.
            guard state.withLock({ $0 != .succeeded }) else { return }
            for loop in group.loops { await Task(executorPreference: loop) {}.value }
            manager.tell(.watchdog)
        }
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
