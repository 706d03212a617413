import AuthorizationServer
import HTTP
import JSON
import OAuthTypes
import Reactor
import Stores

/// What our own failures look like from outside.
enum Failure {
    /// Seconds after which trying again makes sense.
    static let retryAfter = "2"

    /// Whether the same request may succeed in a moment: a full queue, a store that does not answer.
    static func isTemporary(_ error: any Error) -> Bool {
        error is WorkerPoolError || error is StorageError
    }
}

/// The JSON answers of the back channel: RFC 6749 §5.
struct JSONAnswers: Sendable {
    let headers: [(name: String, value: String)]
    let report: FailureReport

    init(_ parts: Site.Parts) {
        // H-18: other origins may read these answers; no cookie counts here, so none is allowed along.
        headers =
            SecurityHeaders.common(parts.environment.issuer) + [
                ("Cache-Control", "no-store"),
                ("Pragma", "no-cache"),
                ("Access-Control-Allow-Origin", "*"),
                ("Access-Control-Expose-Headers", "WWW-Authenticate"),
            ]
        report = parts.report
    }

    func success(_ content: some JSONEncodable) -> Response {
        var writer = JSONWriter(capacity: 1024)
        content.encode(to: &writer)
        return finish(.json(writer.bytes))
    }

    /// The one place where a refusal becomes a status; `challenge` is the scheme that the endpoint asks for.
    func refusal(_ error: any Error, challenge: Challenge, for request: Request) -> Response {
        if let error = error as? OAuthError, error.cause == nil { return answer(error, challenge) }
        report(request.id, error)
        guard Failure.isTemporary(error) else {
            return answer(OAuthError(.serverError, "the server failed; its log knows the request"), challenge)
        }
        return answer(OAuthError(.temporarilyUnavailable, "the server is busy; try again in a moment"), challenge)
    }

    /// What a refused caller is asked for.
    enum Challenge {
        case basic
        case bearer
    }

    /// RFC 6750 §3.1: a request without any token learns the scheme and no error.
    func missingToken() -> Response {
        var response = Response(.unauthorized)
        response.headers.set("WWW-Authenticate", "Bearer realm=\"martlet\"")
        return finish(response)
    }

    /// The answer to a preflight request.
    func preflight(_ methods: String) -> Response {
        var response = Response(.noContent)
        response.headers.set("Access-Control-Allow-Methods", methods)
        response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP")
        response.headers.set("Access-Control-Max-Age", "86400")
        return finish(response)
    }

    private func answer(_ error: OAuthError, _ challenge: Challenge) -> Response {
        var writer = JSONWriter()
        writer.object {
            $0.member("error", error.code.rawValue)
            $0.member("error_description", error.summary.description)
        }
        var response = Response.json(writer.bytes, status: status(error.code))
        switch (response.status, challenge) {
        case (.unauthorized, .basic):
            response.headers.set("WWW-Authenticate", "Basic realm=\"martlet\", charset=\"UTF-8\"")
        case (_, .bearer):
            let details = "error=\"\(error.code.rawValue)\", error_description=\"\(error.summary)\""
            response.headers.set("WWW-Authenticate", "Bearer realm=\"martlet\", \(details)")
        case (.serviceUnavailable, _):
            response.headers.set("Retry-After", Failure.retryAfter)
        default: break
        }
        return finish(response)
    }

    private func status(_ code: OAuthError.Code) -> Status {
        switch code {
        case .invalidClient, .invalidToken: .unauthorized
        case .insufficientScope: .forbidden
        case .serverError: .internalServerError
        case .temporarilyUnavailable: .serviceUnavailable
        default: .badRequest
        }
    }

    private func finish(_ response: Response) -> Response {
        var response = response
        for (name, value) in headers { response.headers.set(name, value) }
        return response
    }
}
