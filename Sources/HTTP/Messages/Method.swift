/// A request method: RFC 9110 §9.
///
/// Case matters, so `get` is not `GET`.
public enum Method: Sendable, Hashable {
    /// Transfer a representation of the resource.
    case get
    /// The same as `get` without the content.
    case head
    /// Process the enclosed content.
    case post
    /// Replace the resource.
    case put
    /// Remove the resource.
    case delete
    /// Change the resource in part: RFC 5789.
    case patch
    /// Say what the resource allows.
    case options
    /// Any other method, in its own spelling.
    case other(String)

    /// Reads a method in its exact spelling.
    public init(_ text: String) {
        self = Self.known.first { $0.text == text } ?? .other(text)
    }

    /// Whether it is one of those named here.
    public var isKnown: Bool {
        if case .other = self { false } else { true }
    }

    /// The spelling on the wire.
    public var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other(let text): text
        }
    }

    private static let known: [Self] = [.get, .head, .post, .put, .delete, .patch, .options]
}

extension Method: CustomStringConvertible {
    /// The spelling on the wire.
    public var description: String { text }
}
