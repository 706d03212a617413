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
    /// TLS came to nothing, for the reason given: RFC 8446 §6.2.
    case insecure(String)
    /// Anything else the kernel says.
    case system(SystemError)
}
