import HTTP
import JSON

/// The content of a call, as its schema has it.
struct AuthContent: Sendable {
    private let members: JSONObject

    /// Reads it strictly: one JSON object of the right type and shape, or nothing where nothing is asked.
    init(_ request: Request, for operation: AuthOperation) throws(AuthProblem) {
        guard let schema = operation.request else {
            guard request.body.isEmpty else { throw AuthProblem(.invalidRequest, at: [""]) }
            members = JSONObject()
            return
        }
        guard request.hasJSON else { throw AuthProblem(.unsupportedMediaType) }
        let limits = JSONLimits(bytes: operation.contentLimit, depth: 4)
        guard let object = try? JSONObject(parsing: request.body, limits: limits) else {
            throw AuthProblem(.invalidRequest, at: [""])
        }
        if let pointer = schema.departure(of: .object(object)) { throw AuthProblem(.invalidRequest, at: [pointer]) }
        members = object
    }

    /// A text; nil where it was left out.
    subscript(name: String) -> String? { members[name]?.string }

    /// Whether a member is true.
    func isTrue(_ name: String) -> Bool { members[name]?.bool ?? false }

    /// A text within a member.
    subscript(name: String, inner: String) -> String? { members[name]?[inner]?.string }
}

extension Request {
    /// Whether the content claims to be JSON in UTF-8: RFC 8259 §11 knows no other charset.
    var hasJSON: Bool {
        guard headers.count(of: "Content-Type") == 1, let value = headers["Content-Type"] else { return false }
        let parts = value.lowercased().split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " && $0 != "\t" } }
        guard parts.first == "application/json" else { return false }
        return parts.count == 1 || (parts.count == 2 && ["charset=utf-8", "charset=\"utf-8\""].contains(parts[1]))
    }
}
