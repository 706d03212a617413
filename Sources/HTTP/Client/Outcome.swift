internal import Reactor

/// A result that one task waits for, and that comes from another thread: the first one counts.
final class Outcome<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(UnsafeContinuation<Value, any Error>)
        case early(Result<Value, any Error>)
        case over
    }

    private let state = Locked(State.open)

    /// Waits; to be called once.
    func value() async throws -> Value {
        try await withUnsafeThrowingContinuation { continuation in
            let early: Result<Value, any Error>? = state.withLock { state in
                guard case .early(let result) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .over
                return result
            }
            if let early { continuation.resume(with: early) }
        }
    }

    /// Gives the result, unless there is one.
    func end(_ result: Result<Value, any Error>) {
        let continuation: UnsafeContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open: state = .early(result)
            case .awaited(let continuation):
                state = .over
                return continuation
            case .early, .over: break
            }
            return nil
        }
        continuation?.resume(with: result)
    }

    /// Whether the result is known.
    var isKnown: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .early, .over: true
            }
        }
    }
}
