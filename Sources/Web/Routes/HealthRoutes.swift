import AuthorizationServer
import HTTP
import JSON
import OAuthTypes
import Stores

/// Whether the server can do its work: 200 while its store answers, 503 while it does not.
struct HealthRoutes: Sendable {
    let issuer: Issuer
    let clock: any TimeSource
    let versions: any VersionStore
    let startedAt: Timestamp
    let report: FailureReport

    init(_ parts: Site.Parts) {
        issuer = parts.environment.issuer
        clock = parts.environment.clock
        versions = parts.environment.storage.versions
        startedAt = clock.now
        report = parts.report
    }

    var routes: [Route] {
        [
            Route(.get, "/health") { request in
                do {
                    _ = try await versions.current()
                    return answer("healthy", .ok)
                } catch {
                    report(request.id, error)
                    return answer("unhealthy", .serviceUnavailable)
                }
            }
        ]
    }

    private func answer(_ word: String, _ status: Status) -> Response {
        let now = clock.now
        var writer = JSONWriter()
        writer.object {
            $0.member("status", word)
            $0.member("uptime", (now - startedAt).wholeSeconds)
            $0.member("timestamp", now.internetDate)
        }
        var response = Response.json(writer.bytes, status: status)
        response.headers.set("Cache-Control", "no-store")
        for (name, value) in SecurityHeaders.common(issuer) { response.headers.add(name, value) }
        return response
    }
}
