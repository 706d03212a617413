/// A value that lives on one loop, named from anywhere.
///
/// `@unchecked Sendable`: the value is made and reached on the thread of its loop alone, which each access checks.
package struct LoopBound<Value>: @unchecked Sendable {
    /// Where it lives.
    package let loop: EventLoop
    private let value: Value

    /// Binds a value to the loop that the caller runs on.
    package init(_ value: Value, to loop: EventLoop) {
        precondition(loop.isCurrent, "not on event loop \(loop.index)")
        self.loop = loop
        self.value = value
    }

    /// Calls `body` with the value: at once on its loop, else there and later.
    package func run(_ body: @escaping @Sendable (Value) -> Void) {
        guard !loop.isCurrent else { return body(value) }
        loop.execute { body(value) }
    }
}
