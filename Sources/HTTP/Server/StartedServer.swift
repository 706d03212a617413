internal import Reactor

/// What a server has once it is started.
final class StartedServer: Sendable {
    private struct State {
        var addresses: [ListenAddress] = []
        var tasks: [Task<Void, Never>] = []
    }

    private let state = Locked(State())

    var addresses: [ListenAddress] { state.withLock { $0.addresses } }

    func began(_ addresses: [ListenAddress], _ tasks: [Task<Void, Never>]) {
        state.withLock { $0 = State(addresses: addresses, tasks: tasks) }
    }

    /// The tasks to wait for; the addresses stay known.
    func end() -> [Task<Void, Never>] {
        state.withLock { $0.tasks }
    }
}
