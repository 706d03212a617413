import AuthorizationServer
import HTTP
import JSON
import OAuthTypes

/// The JSON answers of the back channel: RFC 6749 §5.
struct JSONAnswers: Sendable {
    /// What every answer starts from: built once, copied as a block.
    private let plain: Headers
    private let json: Headers
    private let report: FailureReport

    init(_ parts: Site.Parts) {
        // H-18: other origins may read these answers; no cookie counts here, so none is allowed along.
        var headers: Headers = [
            "Cache-Control": "no-store",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "WWW-Authenticate",
        ]
        for (name, value) in SecurityHeaders.common(parts.environment.issuer) { headers.add(name, value) }
        plain = headers
        headers.add("Content-Type", "application/json")
        json = headers
        report = parts.report
    }

    func success(_ content: some JSONEncodable, status: Status = .ok) -> Response {
        var writer = JSONWriter(capacity: 1024)
        content.encode(to: &writer)
        return Response(status, headers: json, body: .bytes(writer.bytes))
    }

    /// An answer that is a text of another media type, such as a token.
    func success(_ text: String, as type: String) -> Response {
        var response = Response(.ok, headers: plain, body: .bytes(Array(text.utf8)))
        response.headers.add("Content-Type", type)
        return response
    }

    /// Done, and nothing to say.
    func nothing() -> Response { Response(.noContent, headers: plain) }

    /// RFC 7591 §3.2.2.
    func refusal(_ refusal: RegistrationRefusal) -> Response {
        var writer = JSONWriter()
        writer.object {
            $0.member("error", refusal.code.rawValue)
            $0.member("error_description", refusal.description)
        }
        return Response(.badRequest, headers: json, body: .bytes(writer.bytes))
    }

    /// Too many requests of one network: RFC 6585 §4.
    func tooMany(
        _ summary: StaticString = "too many clients were registered from this network", after pause: Duration
    ) -> Response {
        var writer = JSONWriter()
        writer.object {
            $0.member("error", OAuthError.Code.temporarilyUnavailable.rawValue)
            $0.member("error_description", summary.description)
        }
        var response = Response(.tooManyRequests, headers: json, body: .bytes(writer.bytes))
        response.headers.add("Retry-After", "\(max(1, pause.components.seconds + 1))")
        return response
    }

    /// A JWT in place of JSON (RFC 7519 §10.3.1).
    func token(_ text: String) -> Response {
        var response = Response(.ok, headers: plain, body: .bytes(Array(text.utf8)))
        response.headers.add("Content-Type", "application/jwt")
        return response
    }

    /// The one place where a refusal becomes a status; `challenge` is the scheme that the endpoint asks for.
    func refusal(_ error: any Error, challenge: Challenge, for request: Request) -> Response {
        if let error = error as? OAuthError, error.cause == nil { return answer(error, challenge) }
        report(request.id, error)
        guard Failure.isTemporary(error) else {
            return answer(
                OAuthError(.serverError, "the server failed; its log knows the request", rule: "RFC 6749 §5.2"),
                challenge)
        }
        return answer(
            OAuthError(
                .temporarilyUnavailable, "the server is busy; try again in a moment",
                rule: "RFC 6749 §5.2, RFC 9110 §15.6.4"), challenge)
    }

    /// The answer to a request that nobody has looked at: without its content nobody knows what it is, so it is the one
    /// that clients of a token endpoint understand, and that a person can read.
    var busy: Response {
        var response = answer(
            OAuthError(
                .temporarilyUnavailable, "the server has too much to do; try again in a moment",
                rule: "RFC 6749 §5.2, RFC 9110 §15.6.4"), .basic)
        response.notes.isRefusedForLoad = true
        return response
    }

    /// The answer to a request with more content than its endpoint takes.
    var tooLarge: Response {
        var response = answer(
            OAuthError(.invalidRequest, "the content is too large", rule: "RFC 9110 §15.5.14"), .basic)
        response.status = .contentTooLarge
        return response
    }

    /// What a refused caller is asked for.
    enum Challenge {
        case basic
        case bearer
        /// With the address of the metadata of the resource: RFC 9728 §5.1.
        case resource(metadata: String)
    }

    /// RFC 6750 §3.1: a request without any token learns the scheme and no error.
    func missingToken(_ challenge: Challenge = .bearer) -> Response {
        var response = Response(.unauthorized, headers: plain)
        response.headers.add("WWW-Authenticate", "Bearer realm=\"martlet\"" + details(of: challenge))
        return response
    }

    /// The answer to a preflight request.
    func preflight(_ methods: String) -> Response {
        var response = Response(.noContent, headers: plain)
        response.headers.add("Access-Control-Allow-Methods", methods)
        response.headers.add("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP")
        response.headers.add("Access-Control-Max-Age", "86400")
        return response
    }

    private func answer(_ error: OAuthError, _ challenge: Challenge) -> Response {
        var writer = JSONWriter()
        writer.object {
            $0.member("error", error.code.rawValue)
            $0.member("error_description", error.summary.description)
        }
        var response = Response(status(error.code), headers: json, body: .bytes(writer.bytes))
        switch (response.status, challenge) {
        case (.serviceUnavailable, _):
            response.headers.add("Retry-After", Failure.retryAfter)
        case (.unauthorized, .basic):
            response.headers.add("WWW-Authenticate", "Basic realm=\"martlet\", charset=\"UTF-8\"")
        case (.unauthorized, .bearer), (.forbidden, .bearer), (.badRequest, .bearer),
            (.unauthorized, .resource), (.forbidden, .resource), (.badRequest, .resource):
            let details = "error=\"\(error.code.rawValue)\", error_description=\"\(error.summary)\""
            response.headers.add(
                "WWW-Authenticate", "Bearer realm=\"martlet\", \(details)" + self.details(of: challenge))
        default: break
        }
        return response
    }

    private func details(of challenge: Challenge) -> String {
        if case .resource(let metadata) = challenge { ", resource_metadata=\"\(metadata)\"" } else { "" }
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
}
