public import Reactor

/// A request as the responders see it: read whole, checked and bounded.
///
/// RFC 9110 §3.
public struct Request: Sendable {
    /// The method.
    public let method: Method
    /// The path, percent-decoded once: starts with `/`, has no `.` or `..` segment, no encoded `/` and no NUL.
    public let path: String
    /// The bytes after `?` as they came, without it; empty if there are none.
    public let query: [UInt8]
    /// Whether the target has a `?`, even with nothing behind it.
    public let hasQuery: Bool
    /// The header fields.
    public let headers: Headers
    /// The whole content, within the server's limit.
    public var body: [UInt8]
    /// Who sent it: the other end of the connection, or the client that a trusted proxy names.
    public let peer: PeerAddress
    /// Whether the client uses https, with us or with a trusted proxy.
    ///
    /// For policy only: links are built from the configured issuer.
    public let isSecure: Bool
    /// The certificate of the client, on a listener that asks for one: RFC 8705.
    public let clientCertificate: ClientCertificate?
    /// The id of this request in logs and in its answer.
    public let id: RequestID
    /// What the router read from the path, such as `id` of `/interaction/:id`.
    public internal(set) var pathParameters = PathParameters()

    /// Makes a request without a socket: for tests, and for answers made inside the process.
    public init(
        _ method: Method,
        _ path: String,
        query: [UInt8]? = nil,
        headers: Headers = Headers(),
        body: [UInt8] = [],
        peer: PeerAddress = .loopback,
        id: RequestID = RequestID(0),
        isSecure: Bool = false,
        clientCertificate: ClientCertificate? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query ?? []
        self.hasQuery = query != nil
        self.headers = headers
        self.body = body
        self.peer = peer
        self.id = id
        self.isSecure = isSecure
        self.clientCertificate = clientCertificate
    }

    /// A path parameter by its name in the route, percent-decoded.
    public func parameter(_ name: String) -> String? {
        pathParameters[name]
    }
}

/// The parameters of a route pattern with the values that the path gave them.
public struct PathParameters: Sendable, Hashable {
    private var names: [String] = []
    private var values: [String] = []

    /// No parameters.
    public init() {}

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    /// The value of a parameter.
    public subscript(name: String) -> String? {
        guard let index = names.firstIndex(of: name), index < values.count else { return nil }
        return values[index]
    }
}
