@testable import OAuthTypes

extension FuzzTarget {
    /// Forms and queries: RFC 6749 appendix B.
    static let forms = FuzzTarget(name: "forms", longestInput: 256) { bytes throws(Violation) in
        if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) {
            let encoded = Array(FormParameters.encode(text).utf8)
            try require(isSame(try? FormParameters.decode(encoded.span), text), "encoded and decoded it differs", text)
        }
        guard let form = try? FormParameters(decoding: bytes) else { return }
        let names = form.names
        for name in names {
            let value = form[name] ?? ""
            try require(!value.isEmpty, "an empty value counts as present", name.rawValue)
            try require(
                !value.utf8.contains(0) && !name.rawValue.utf8.contains(0), "a NUL byte came through", name.rawValue)
        }
        try require(names.isSubset(of: form.mentioned), "a name that was not mentioned")
        try require(names.count <= FormParameters.limit, "more parameters than the limit")
        guard let again = try? FormParameters(decoding: Array(form.encoded.utf8)) else {
            throw Violation("written again it is refused", form.encoded)
        }
        try require(again.names == names && again.repeated.isEmpty, "written again it has other names", form.encoded)
        for name in names { try require(isSame(again[name], form[name]), "written again it differs", form.encoded) }
    }

    /// Redirect URIs: one to register and, after a line feed, one that a request brings: RFC 6749 §3.1.2, RFC 8252 §7.
    static let redirects = FuzzTarget(name: "redirects", longestInput: 192) { bytes throws(Violation) in
        let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let uri = try? RedirectURI(registering: lines[0]) else { return }
        try require(isSame(uri.rawValue, lines[0]), "registered as something else", lines[0])
        try require(uri.matches(lines[0]), "does not match itself", lines[0])
        let scheme = uri.rawValue.prefix { $0 != ":" }.lowercased()
        try require(
            !["javascript", "data", "file", "vbscript", "blob"].contains(scheme), "a scheme that runs", lines[0])
        try require(!uri.isLoopback || scheme == "http", "loopback by another scheme", lines[0])
        if let origin = uri.origin {
            // It goes into a field of the answer, between spaces and semicolons that mean something.
            try require(
                origin.utf8.allSatisfy { !" ;,'\"@*\\#?".utf8.contains($0) }, "an origin that breaks out", origin)
            try require(uri.rawValue.hasPrefix(origin), "an origin that is not its beginning", origin)
        }
        guard lines.count == 2, uri.matches(lines[1]), !isSame(lines[1], lines[0]) else { return }
        try require(uri.isLoopback, "matches another text", lines[0])
        guard let other = try? RedirectURI(registering: lines[1]) else {
            throw Violation("matches what could not be registered", lines[0], lines[1])
        }
        try require(other.isLoopback && other.matches(lines[0]), "matches only one way", lines[1])
        try require(tail(lines[0]) == tail(lines[1]), "more than the port differs", lines[1])
    }

    /// What follows `http://host:port`.
    private static func tail(_ uri: String) -> [UInt8] {
        Array(uri.utf8.dropFirst(7).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") })
    }
}
