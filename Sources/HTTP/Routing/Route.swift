/// Answers one request.
///
/// It runs on the event loop of the connection and must not block.
public typealias RequestResponder = @Sendable (Request) async -> Response

/// One entry of the route table: a method, a path pattern and who answers.
public struct Route: Sendable {
    /// The method; `get` also answers `HEAD`.
    public let method: Method
    /// A path such as `/token`, or with parameters that each stand for one whole segment: `/interaction/:id/sign-in`.
    public let pattern: String
    /// Bytes of content that it takes, 413 above; nil for what the server takes by default.
    public let bodyLimit: Int?
    /// Who answers.
    public let respond: RequestResponder

    /// A route.
    public init(_ method: Method, _ pattern: String, bodyLimit: Int? = nil, respond: @escaping RequestResponder) {
        self.method = method
        self.pattern = pattern
        self.bodyLimit = bodyLimit
        self.respond = respond
    }
}

/// Why no route answers a request.
public enum RouteMiss: Sendable, Hashable {
    /// No route has this path: 404.
    case notFound
    /// The path is there for these other methods: 405. The router adds `Allow` to the answer itself.
    case methodNotAllowed([Method])

    /// The status that says so.
    public var status: Status {
        switch self {
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        }
    }
}
