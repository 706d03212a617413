import Reactor

/// What one task waits for and several may give; the first one counts.
final class Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(UnsafeContinuation<Value, Never>)
        case given(Value)
    }

    private let state = Locked(State.open)

    /// Gives a value, unless there is one.
    func give(_ value: Value) {
        let waiter: UnsafeContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .given(value)
                return nil
            case .awaited(let waiter):
                state = .given(value)
                return waiter
            case .given:
                return nil
            }
        }
        waiter?.resume(returning: value)
    }

    /// The value, as soon as there is one; for one task.
    var value: Value {
        get async {
            await withUnsafeContinuation { continuation in
                let value: Value? = state.withLock { state in
                    if case .given(let value) = state { return value }
                    state = .awaited(continuation)
                    return nil
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}
