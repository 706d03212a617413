import AuthorizationServer
import HTTP
import Pages

/// Style sheet, script and pictures as prepared answers: their address carries their hash, so they may be kept for ever.
struct StaticFiles: Sendable {
    private let files: [String: PreparedResponse]

    init(_ parts: Site.Parts) {
        let common = SecurityHeaders.common(parts.environment.issuer)
        files = parts.pages.assets.mapValues { asset in
            var headers = Headers()
            for (name, value) in common { headers.set(name, value) }
            headers.set("Content-Type", asset.contentType)
            headers.set("Cache-Control", "public, max-age=31536000, immutable")
            // A picture opened by itself is a document too, and an SVG one could hold a script.
            headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
            headers.set("Cross-Origin-Resource-Policy", "same-origin")
            return PreparedResponse(headers: headers, body: asset.bytes)
        }
    }

    func answer(_ name: Substring) -> Response? {
        files[String(name)].map { .prepared($0) }
    }
}
