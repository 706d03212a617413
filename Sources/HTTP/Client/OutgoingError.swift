/// Why an outgoing request has no answer.
///
/// Names no address, so that it may be logged and, where a protocol says so, shown to whoever chose the address.
public enum OutgoingError: Error, Sendable, Hashable {
    /// Too many requests are at work; refused at once.
    case busy
    /// The client is stopping or has stopped.
    case stopped
    /// The address cannot be read, or has what none should have: user information, an odd host, too many bytes.
    case malformedAddress
    /// The scheme is not allowed to this destination.
    case refusedScheme
    /// The port is not allowed to this destination.
    case refusedPort
    /// An address that the name stands for is not allowed to this destination.
    case refusedAddress
    /// The request has a field or content that cannot be sent.
    case unfitRequest
    /// The name stands for no address.
    case unresolved
    /// Nobody takes the connection.
    case unreachable
    /// The certificate does not prove the host, or there is no common TLS.
    case untrusted
    /// The deadline came first.
    case timedOut
    /// The answer is over the limit of the request.
    case tooLarge
    /// More redirects than allowed, or one that leads nowhere.
    case refusedRedirect
    /// The connection broke, or what came is no HTTP.
    case broken
}
