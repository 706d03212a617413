import Reactor

/// A value behind a lock, for closures that outlive whoever makes them.
final class SharedValue<Value: Sendable>: Sendable {
    private let value: Locked<Value>

    init(_ initial: Value) {
        value = Locked(initial)
    }

    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { value in
            var copy = value
            defer { value = copy }
            return body(&copy)
        }
    }
}
