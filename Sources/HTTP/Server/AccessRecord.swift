/// What the access log learns about one request, after its answer was written.
///
/// No query: it may hold secrets.
public struct AccessRecord: Sendable {
    /// The method; empty if the request line could not be read.
    public let method: Method
    /// The decoded path; empty if the request line could not be read.
    public let path: String
    /// The status of the answer.
    public let status: Status
    /// Bytes of content sent.
    public let bytes: Int
    /// From the end of the request's header to the written answer.
    public let microseconds: Int
    /// The id that the answer carried.
    public let id: RequestID
    /// Who sent the request: the other end, or the client that a trusted proxy names.
    public let peer: PeerAddress
    /// What those who answered have said.
    public let notes: ResponseNotes
    /// The trace that the caller says it belongs to.
    public let trace: TraceParent?
    /// Whether a trusted proxy vouches for `trace`.
    public let isFromTrustedProxy: Bool

    /// A record.
    public init(
        method: Method,
        path: String,
        status: Status,
        bytes: Int,
        microseconds: Int,
        id: RequestID,
        peer: PeerAddress,
        notes: ResponseNotes = ResponseNotes(),
        trace: TraceParent? = nil,
        isFromTrustedProxy: Bool = false
    ) {
        self.method = method
        self.path = path
        self.status = status
        self.bytes = bytes
        self.microseconds = microseconds
        self.id = id
        self.peer = peer
        self.notes = notes
        self.trace = trace
        self.isFromTrustedProxy = isFromTrustedProxy
    }
}

/// Called once a request, on the loop of its connection: it must be quick and must not block.
public typealias AccessLog = @Sendable (borrowing AccessRecord) -> Void

/// Called when an answer could not be sent as it was made: why, and which request.
public typealias FaultLog = @Sendable (StaticString, RequestID) -> Void
