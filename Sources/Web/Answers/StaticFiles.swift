import AuthorizationServer
import HTTP
import Pages

/// Style sheet, script and pictures as prepared answers.
struct StaticFiles: Sendable {
    /// One file, as it is sent to those who name its hash and to those who do not.
    private struct File {
        let versioned: PreparedResponse
        let plain: PreparedResponse
        let version: [UInt8]
    }

    private let files: [String: File]

    init(_ parts: Site.Parts) {
        let common = SecurityHeaders.common(parts.environment.issuer)
        files = parts.pages.assets.mapValues { asset in
            var headers = Headers()
            for (name, value) in common { headers.set(name, value) }
            headers.set("Content-Type", asset.contentType)
            // A picture opened by itself is a document too, and an SVG one could hold a script.
            headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
            headers.set("Cross-Origin-Resource-Policy", "same-origin")
            headers.set("Cache-Control", "no-cache")
            let plain = PreparedResponse(headers: headers, body: asset.bytes)
            headers.set("Cache-Control", "public, max-age=31536000, immutable")
            return File(
                versioned: PreparedResponse(headers: headers, body: asset.bytes),
                plain: plain,
                version: Array("v=\(asset.hash)".utf8)
            )
        }
    }

    /// Kept for ever only under its own hash: during an upgrade a node may be asked for the other one's file.
    func answer(_ name: Substring, query: [UInt8]) -> Response? {
        files[String(name)].map { .prepared(query == $0.version ? $0.versioned : $0.plain) }
    }
}
