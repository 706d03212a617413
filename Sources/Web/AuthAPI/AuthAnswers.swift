import AuthorizationServer
import HTTP
import JSON
import OAuthTypes
import Reactor
import Stores

/// The answers to calls of clients that sign people in themselves, with what browsers need to read them.
struct AuthAnswers: Sendable {
    private let documentURL: String
    private let common: Headers
    private let report: FailureReport
    private let explanations: Explanations

    init(_ parts: Site.Parts) {
        let issuer = parts.environment.issuer
        documentURL = issuer.url + AuthOperation.root + AuthOperation.readDocument.path
        var headers: Headers = ["Cache-Control": "no-store", "Vary": "Origin", "Referrer-Policy": "no-referrer"]
        for (name, value) in SecurityHeaders.common(issuer) { headers.add(name, value) }
        common = headers
        report = parts.report
        explanations = Explanations(parts)
    }

    func success(_ status: Status = .ok, _ members: (inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter(capacity: 1024)
        writer.object(members)
        return content(writer.bytes, "application/json", status)
    }

    func document(_ document: AuthDocument) -> Response {
        content(document.jsonBytes(capacity: 32 * 1024), "application/json", .ok)
    }

    var done: Response { Response(.noContent, headers: common) }

    /// The one place where a refusal becomes an answer.
    func refusal(_ error: any Error, for request: Request) -> Response {
        let problem = problem(error, request)
        explanations.note(Explanation(of: problem, because: error as? OAuthError), for: request)
        var writer = JSONWriter()
        problem.encode(to: &writer, documentURL: documentURL, supportCode: request.id.description)
        var response = content(writer.bytes, "application/problem+json", problem.code.status)
        if let seconds = problem.retryAfter { response.headers.set("Retry-After", "\(seconds)") }
        switch problem.code {
        case .invalidClient: response.headers.set("WWW-Authenticate", "Basic realm=\"martlet\", charset=\"UTF-8\"")
        case .invalidToken, .invalidRefreshToken:
            response.headers.set("WWW-Authenticate", "Bearer realm=\"martlet\", error=\"invalid_token\"")
        default: break
        }
        return response
    }

    private func problem(_ error: any Error, _ request: Request) -> AuthProblem {
        if let problem = error as? AuthProblem { return problem }
        if let error = error as? OAuthError, error.cause == nil {
            switch error.code {
            case .invalidClient: return AuthProblem(.invalidClient)
            case .invalidToken: return AuthProblem(.invalidToken)
            case .invalidGrant, .unauthorizedClient: return AuthProblem(.invalidRefreshToken)
            case .invalidScope: return AuthProblem(.invalidScope, at: ["/scope"])
            case .invalidRequest: return AuthProblem(.invalidRequest)
            default: break
            }
        }
        report(request.id, error)
        guard Failure.isTemporary(error) else { return AuthProblem(.failure) }
        var problem = AuthProblem(.busy)
        problem.retryAfter = Int(Failure.retryAfter)
        return problem
    }

    private func content(_ bytes: [UInt8], _ type: String, _ status: Status) -> Response {
        var headers = common
        headers.add("Content-Type", type)
        return Response(status, headers: headers, body: .bytes(bytes))
    }

    /// Lets pages of an origin read the answer; cookies only where a client with cookies has its pages there.
    func readable(_ response: Response, at origin: String?, _ origins: OwnSignInOrigins) -> Response {
        guard let origin, origins.contains(origin) else { return response }
        var response = response
        response.headers.set("Access-Control-Allow-Origin", origin)
        if origins.takesCookies(of: origin) { response.headers.set("Access-Control-Allow-Credentials", "true") }
        response.headers.set("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate")
        return response
    }

    /// The answer to a preflight request of a page that may ask.
    func preflight(_ methods: [Method]) -> Response {
        var response = done
        response.headers.set("Access-Control-Allow-Methods", methods.map(\.text).joined(separator: ", "))
        response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Martlet-Client")
        response.headers.set("Access-Control-Max-Age", "600")
        return response
    }
}
