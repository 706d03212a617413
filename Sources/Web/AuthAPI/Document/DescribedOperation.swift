import HTTP
import JSON

/// One call as the document describes it.
struct DescribedOperation: JSONEncodable {
    let operation: AuthOperation

    func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("operationId", operation.rawValue)
            writer.member("summary", operation.summary)
            writer.array("security") { writer in
                for names in security {
                    writer.element(object: { writer in
                        for name in names { writer.member(named: name, [String]()) }
                    })
                }
            }
            if let request = operation.request {
                writer.object("requestBody") { writer in
                    writer.member("required", true)
                    content(request, "application/json", &writer)
                }
            }
            writer.object("responses") { writer in
                let (status, schema) = operation.success
                writer.member(named: "\(status.rawValue)", Answer(about: "Done.", schema: schema))
                for status in DescribedOperation.statuses(of: operation.problems) {
                    let codes = operation.problems.filter { $0.status == status }.map(\.rawValue)
                    writer.member(
                        named: "\(status.rawValue)",
                        Answer(
                            about: codes.joined(separator: ", "), schema: AuthProblem.schema,
                            type: "application/problem+json", headers: DescribedOperation.headers(of: status)))
                }
            }
        }
    }

    /// In the order of their numbers, each once.
    static func statuses(of codes: [AuthProblem.Code]) -> [Status] {
        var statuses: [Status] = []
        for code in codes where !statuses.contains(code.status) { statuses.append(code.status) }
        return statuses.sorted { $0.rawValue < $1.rawValue }
    }

    private var security: [[String]] {
        switch operation.access {
        case .anybody: []
        case .client: [["clientSecret"], ["clientName"]]
        case .person, .freshPerson: [["accessToken"], ["clientName", "sessionCookie"]]
        }
    }

    private static func headers(of status: Status) -> [String] {
        switch status {
        case .tooManyRequests, .serviceUnavailable: ["Retry-After"]
        case .unauthorized: ["WWW-Authenticate"]
        default: []
        }
    }

    private struct Answer: JSONEncodable {
        let about: String
        let schema: JSONSchema?
        var type = "application/json"
        var headers: [String] = []

        func encode(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("description", about)
                if !headers.isEmpty {
                    writer.object("headers") { writer in
                        for name in headers { writer.member(named: name, Header()) }
                    }
                }
                if let schema { DescribedOperation.content(schema, type, &writer) }
            }
        }
    }

    private struct Header: JSONEncodable {
        func encode(to writer: inout JSONWriter) {
            writer.object {
                $0.member("required", true)
                $0.object("schema") { $0.member("type", "string") }
            }
        }
    }

    private static func content(_ schema: JSONSchema, _ type: String, _ writer: inout JSONWriter) {
        writer.object("content") { writer in
            writer.member(named: type, Described(schema: schema))
        }
    }

    private func content(_ schema: JSONSchema, _ type: String, _ writer: inout JSONWriter) {
        DescribedOperation.content(schema, type, &writer)
    }

    private struct Described: JSONEncodable {
        let schema: JSONSchema
        func encode(to writer: inout JSONWriter) { writer.object { $0.member("schema", schema) } }
    }
}
