import AuthorizationServer
import HTTP
import JSON

/// The description of the calls in OpenAPI 3.1, made of the list that answers them.
struct AuthDocument: JSONEncodable {
    let issuer: Issuer

    func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("openapi", "3.1.0")
            writer.object("info") {
                $0.member("title", "Sign-in for clients of the operator's own")
                $0.member("version", "1")
                $0.member("description", AuthDocument.description)
            }
            writer.array("servers") { $0.element(object: { $0.member("url", issuer.url + AuthOperation.root) }) }
            writer.object("paths") { writer in
                var written: Set<String> = []
                for operation in AuthOperation.allCases where written.insert(operation.path).inserted {
                    writer.member(named: operation.path, Path(path: operation.path))
                }
            }
            writer.object("components") { writer in
                writer.object("schemas") { writer in
                    var written: Set<String> = []
                    for (name, schema) in AuthDocument.named where written.insert(name).inserted {
                        writer.member(named: name, schema)
                    }
                }
                securitySchemes(&writer)
            }
            writer.object("x-problems") { writer in
                for code in AuthProblem.Code.allCases {
                    writer.member(named: code.rawValue, Explanation(code: code))
                }
            }
        }
    }

    private static let description =
        "For clients that the operator has marked for it alone. A client names itself by HTTP Basic or, without a "
        + "secret, by the header Martlet-Client. One with tokens gets them in answers; one with cookies gets a session "
        + "cookie of its own and sends Martlet-Client with every call, from a page whose origin is that of one of its "
        + "redirect URIs."

    /// Every schema with a name, each as it is inside.
    private static let named: [(name: String, schema: JSONSchema)] =
        (AuthOperation.allCases.flatMap { ($0.request?.named ?? []) + ($0.success.schema?.named ?? []) }
            + AuthProblem.schema.named)

    private func securitySchemes(_ writer: inout JSONWriter) {
        let prefix = AppCookie.prefix(issuer)
        writer.object("securitySchemes") { writer in
            writer.object("clientSecret") {
                $0.member("type", "http")
                $0.member("scheme", "basic")
                $0.member("description", "A client with a secret, as at the token endpoint.")
            }
            writer.object("clientName") {
                $0.member("type", "apiKey")
                $0.member("in", "header")
                $0.member("name", "Martlet-Client")
                $0.member("description", "The client_id of a client without a secret.")
            }
            writer.object("accessToken") {
                $0.member("type", "http")
                $0.member("scheme", "bearer")
                $0.member("description", "Of a client with tokens.")
            }
            writer.object("sessionCookie") {
                $0.member("type", "apiKey")
                $0.member("in", "cookie")
                $0.member("name", prefix)
                $0.member("description", "Of a client with cookies; behind the name stand characters of its own.")
            }
        }
    }

    private struct Explanation: JSONEncodable {
        let code: AuthProblem.Code
        func encode(to writer: inout JSONWriter) {
            writer.object {
                $0.member("title", code.title)
                $0.member("status", Int(code.status.rawValue))
            }
        }
    }

    private struct Path: JSONEncodable {
        let path: String
        func encode(to writer: inout JSONWriter) {
            writer.object { writer in
                for operation in AuthOperation.allCases where operation.path == path {
                    writer.member(
                        named: operation.method.text.lowercased(), DescribedOperation(operation: operation))
                }
            }
        }
    }
}
