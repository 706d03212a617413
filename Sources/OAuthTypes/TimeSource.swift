/// Where the time comes from: the wall clock in the server, a fixed one in tests.
public protocol TimeSource: Sendable {
    /// The time now.
    var now: Timestamp { get }
}
