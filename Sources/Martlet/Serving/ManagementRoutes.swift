import HTTP
import JSON
import Stores

/// What operators and their machines ask, on a listener of their own.
///
/// `/health` says whether the process works: if not, start it again. `/ready` says whether it should get requests: not
/// before it listens, not while it stops, not while its store fails.
struct ManagementRoutes: Sendable {
    private let versions: any VersionStore
    private let takeover: Takeover

    init(_ versions: any VersionStore, _ takeover: Takeover) {
        self.versions = versions
        self.takeover = takeover
    }

    var routes: [Route] {
        [
            Route(.get, "/health") { _ in answer("healthy", .ok) },
            Route(.get, "/ready") { _ in
                guard takeover.isServing else { return answer("stopping", .serviceUnavailable) }
                do {
                    _ = try await versions.current()
                    return answer("ready", .ok)
                } catch {
                    return answer("store failing", .serviceUnavailable)
                }
            },
        ]
    }

    private func answer(_ word: String, _ status: Status) -> Response {
        var writer = JSONWriter()
        writer.object { $0.member("status", word) }
        var response = Response.json(writer.bytes, status: status)
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}
