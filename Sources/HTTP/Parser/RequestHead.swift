/// What the parser knows of a request when its header is complete.
struct RequestHead: Sendable {
    var line: RequestLine
    var headers = Headers()
    var framing = Framing()

    /// Whether the connection goes on after the answer.
    ///
    /// HTTP/1.0 always closes: nobody misses its keep-alive.
    var keepsAlive: Bool { line.version == .http11 && !framing.mustClose }
}
