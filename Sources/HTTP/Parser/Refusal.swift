/// Why a request is refused before anybody looks at its meaning.
///
/// The connection ends with the answer.
struct Refusal: Error, Sendable, Hashable {
    let status: Status
    /// For the client's developer; a constant, so nothing of the request can be echoed.
    let reason: String

    private init(_ status: Status, _ reason: StaticString) {
        self.status = status
        self.reason = reason.description
    }

    static let bareLineEnd = Refusal(.badRequest, "a line must end with CR LF")
    static let requestLine = Refusal(.badRequest, "the request line is malformed")
    static let target = Refusal(.badRequest, "the request target is malformed")
    static let fieldLine = Refusal(.badRequest, "a header field is malformed")
    static let folding = Refusal(.badRequest, "header fields cannot be folded")
    static let host = Refusal(.badRequest, "exactly one valid Host field is required")
    static let authority = Refusal(.badRequest, "the request target and Host name different hosts")
    static let connection = Refusal(.badRequest, "Connection is malformed or names a field that it may not")
    static let trailer = Refusal(.badRequest, "a trailer field belongs into the header")
    static let contentLength = Refusal(.badRequest, "Content-Length is malformed or repeated")
    static let twoLengths = Refusal(.badRequest, "Content-Length and Transfer-Encoding exclude each other")
    static let transferEncoding = Refusal(.badRequest, "Transfer-Encoding is repeated or not for this version")
    static let chunk = Refusal(.badRequest, "a chunk is malformed")
    static let truncated = Refusal(.badRequest, "the request ends in the middle")
    static let stranger = Refusal(.forbidden, "plain HTTP is for this machine and its trusted proxies; use https")
    static let timeout = Refusal(.requestTimeout, "the request took too long to arrive")
    static let bodyTooLarge = Refusal(.contentTooLarge, "the content is too large")
    static let lineTooLong = Refusal(.uriTooLong, "the request line is too long")
    static let expectation = Refusal(.expectationFailed, "only 100-continue can be expected")
    static let headerTooLarge = Refusal(.headerFieldsTooLarge, "the header is too large")
    static let transferCoding = Refusal(.notImplemented, "the only transfer coding is chunked")
    static let connectMethod = Refusal(.notImplemented, "this server opens no tunnels")
    static let version = Refusal(.versionNotSupported, "the versions are HTTP/1.1 and HTTP/1.0")
}
