/// Why a connection could not do what it was asked.
public enum ConnectionError: Error, Sendable, Hashable {
    /// The deadline passed.
    case timedOut
    /// This side closed the connection.
    case closed
    /// The other side broke it off, or the network did.
    case reset
    /// The waiting task was cancelled.
    case cancelled
    /// Anything else the kernel says.
    case system(SystemError)
}
