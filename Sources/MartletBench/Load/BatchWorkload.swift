/// Another workload in batches: ends after so many requests, and goes on where it was when it is given more.
struct BatchWorkload<Base: Workload>: Workload {
    private var base: Base
    /// Requests still to send.
    var remaining = 0

    var depth: Int { base.depth }

    init(_ base: Base) { self.base = base }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        return base.request(for: connection)
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict { base.take(answer, on: connection) }
}
