/// What a connection and a request cost beside the work that is asked for.
struct ConnectionCost: Sendable, Equatable {
    /// Bytes of memory that an idle connection keeps, without TLS.
    let bytes: Int64
    /// Processor time to read a request from a socket, find its route and write the answer.
    let request: Duration
}
