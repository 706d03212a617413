public import Reactor

/// A request that we make: RFC 9110 §3.4.
public struct OutgoingRequest: Sendable {
    /// What becomes of an answer that points elsewhere: RFC 9110 §15.4.
    public enum Redirects: Sendable, Hashable {
        /// It is the answer.
        case answered
        /// It is followed so many times, by `GET` and `HEAD` alone; each hop is judged as the first address was.
        case followed(atMost: Int)
    }

    /// The method.
    public var method: Method
    /// The address; it is read when the request is sent.
    public var address: String
    /// Who chose the address.
    public var destination: Destination
    /// By when the whole answer must be there, redirects included.
    public var deadline: Deadline
    /// The fields; those that frame the message are none of the caller's business.
    public var headers: Headers
    /// The content.
    public var body: [UInt8]
    /// Bytes of content of the answer: one with more is an error.
    public var answerLimit = 64 * 1024
    /// What becomes of a redirect.
    public var redirects = Redirects.answered

    /// A request.
    public init(
        _ method: Method,
        _ address: String,
        to destination: Destination,
        by deadline: Deadline,
        headers: Headers = Headers(),
        body: [UInt8] = []
    ) {
        self.method = method
        self.address = address
        self.destination = destination
        self.deadline = deadline
        self.headers = headers
        self.body = body
    }
}

/// The answer to a request that we made.
public struct OutgoingAnswer: Sendable {
    /// The status: 200 to 599.
    public let status: Status
    /// The fields, without trailers.
    public let headers: Headers
    /// The content as it came: codings are neither asked for nor undone.
    public let body: [UInt8]
}
