public import JOSE
internal import Synchronization

/// The keys of an issuer, fetched when they are needed and kept as long as they may be.
///
/// One attempt at a time: others wait for it if there are no keys yet, and use those at hand otherwise. A token with an
/// unknown `kid` makes it ask again, a few times at most, so that whoever sends such tokens causes no storm. While the
/// issuer cannot be reached, the keys at hand are used up to a bound.
///
/// One object serves all verifiers of the same issuer.
public final class IssuerKeys: Sendable {
    private struct Shared {
        var state: KeySetState
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextNumber: UInt64 = 0
    }

    private let location: KeySetLocation?
    private let source: (any KeySetSource)?
    private let clock: any VerifierClock
    private let fixed: KeySnapshot?
    private let shared: Mutex<Shared>

    private init(
        _ location: KeySetLocation?, _ source: (any KeySetSource)?, fixed: JWKSet?, _ policy: KeySetPolicy,
        _ clock: any VerifierClock
    ) {
        self.location = location
        self.source = source
        self.clock = clock
        self.fixed = fixed.map { KeySnapshot(keys: $0, epoch: 1, attempts: 0) }
        shared = Mutex(Shared(state: KeySetState(policy, at: clock.elapsed)))
    }

    /// The keys that the discovery document of an issuer names: OpenID Connect Discovery §4, RFC 8414 §3.
    ///
    /// Nothing is fetched yet.
    public convenience init(
        discoveredFrom issuer: String, by source: any KeySetSource, policy: KeySetPolicy = KeySetPolicy(),
        clock: any VerifierClock = SystemVerifierClock()
    ) {
        self.init(.issuer(issuer), source, fixed: nil, policy, clock)
    }

    /// The keys at an address.
    ///
    /// Nothing is fetched yet.
    public convenience init(
        at address: String, by source: any KeySetSource, policy: KeySetPolicy = KeySetPolicy(),
        clock: any VerifierClock = SystemVerifierClock()
    ) {
        self.init(.address(address), source, fixed: nil, policy, clock)
    }

    /// These keys and never others.
    public convenience init(_ keys: JWKSet) {
        self.init(nil, nil, fixed: keys, KeySetPolicy(), SystemVerifierClock())
    }

    /// Why the last attempt failed; `nil` after one that did not.
    public var lastFailure: KeySetFailure? { shared.withLock { $0.state.lastFailure } }

    /// Asks before the keys grow old, so that no request has to wait for it, until the task is cancelled.
    ///
    /// Optional: run it in a task group beside the server.
    public func keepFresh() async {
        guard fixed == nil else { return }
        while !Task.isCancelled {
            let now = clock.elapsed
            let pause = shared.withLock { $0.state.pauseBeforeRefresh(at: now) }
            if pause > .zero {
                guard (try? await clock.sleep(for: pause)) != nil else { return }
                continue
            }
            switch shared.withLock({ $0.state.stepForRefresh(at: now) }) {
            case .ask(let known, let validator): await ask(known, validator)
            case .wait: await wait()
            case .use, .fail: break
            }
        }
    }

    // MARK: For the verifiers

    /// The keys, if nobody need ask for them.
    var fresh: KeySnapshot? {
        if let fixed { return fixed }
        let now = clock.elapsed
        return shared.withLock { $0.state.fresh(at: now) }
    }

    /// The keys at hand, or the first ones.
    func current() async throws(KeySetFailure) -> KeySnapshot {
        if let fixed { return fixed }
        return try await follow { state, now in state.stepForKeys(at: now) }
    }

    /// Keys that may have one which was missing in a snapshot.
    func newer(than snapshot: KeySnapshot) async throws(KeySetFailure) -> KeySnapshot {
        if let fixed { return fixed }
        return try await follow { state, now in state.stepForUnknownKey(missingIn: snapshot, at: now) }
    }

    /// How many tasks wait for the attempt at work.
    var waitingCount: Int { shared.withLock { $0.waiting.count } }

    private func follow(
        _ step: (inout KeySetState, Duration) -> KeySetState.Step
    ) async throws(KeySetFailure) -> KeySnapshot {
        while true {
            let now = clock.elapsed
            switch shared.withLock({ step(&$0.state, now) }) {
            case .use(let snapshot): return snapshot
            case .fail(let failure): throw failure
            case .ask(let known, let validator): await ask(known, validator)
            case .wait: await wait()
            }
            guard !Task.isCancelled else { throw .cancelled }
        }
    }

    private func ask(_ known: String?, _ validator: String?) async {
        let result: Result<KeySetLocation.Answer, KeySetFailure>
        do throws(KeySetFailure) {
            guard let location, let source else { throw .unreachable }
            result = .success(try await location.ask(source, known: known, validator: validator))
        } catch {
            // A source that was cancelled with this task may call it what it likes. One that gives up by itself has
            // failed, or else everybody would ask again at once.
            result = .failure(Task.isCancelled ? .cancelled : error == .cancelled ? .unreachable : error)
        }
        let now = clock.elapsed
        let waiting = shared.withLock { shared in
            shared.state.end(result, at: now)
            defer { shared.waiting = [:] }
            return Array(shared.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for the end of the attempt at work, or of this task.
    private func wait() async {
        let number = shared.withLock { shared in
            shared.nextNumber &+= 1
            return shared.nextNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = shared.withLock { shared in
                    // Cancelled before this: nobody would look for it.
                    guard shared.state.isAsking, !Task.isCancelled else { return true }
                    shared.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            shared.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }
}
