internal import Reactor

/// What a server has once it is started.
final class StartedServer: Sendable {
    private struct State {
        var addresses: [ListenAddress] = []
        var claims: Set<UnixSocketClaim> = []
        var tasks: [Task<Void, Never>] = []
    }

    private let state = Locked(State())

    var addresses: [ListenAddress] { state.withLock { $0.addresses } }

    /// Its own sockets in the file system.
    var claims: Set<UnixSocketClaim> { state.withLock { $0.claims } }

    func began(_ addresses: [ListenAddress], _ claims: Set<UnixSocketClaim>, _ tasks: [Task<Void, Never>]) {
        state.withLock { $0 = State(addresses: addresses, claims: claims, tasks: tasks) }
    }

    /// The tasks to wait for; the addresses stay known.
    func end() -> [Task<Void, Never>] {
        state.withLock { $0.tasks }
    }
}
