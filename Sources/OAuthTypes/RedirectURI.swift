/// An absolute URI at which a client takes answers, fit to be registered: RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1.
///
/// Accepted: `https` with a host; `http` for loopback hosts only; private-use schemes with a dot (RFC 8252 §7.1). Refused:
/// fragments, user information, backslashes, dot segments, raw spaces and non-ASCII, wildcards in the host, reserved
/// response parameters in the query (they could override ours).
public struct RedirectURI: Sendable, Hashable, CustomStringConvertible {
    /// Why a text cannot be registered.
    public enum Refusal: String, Error, Sendable {
        /// Not `scheme:…`, or characters outside RFC 3986.
        case notAbsolute = "it must be an absolute URI in printable ASCII, such as https://app.example/callback"
        /// Contains `#`.
        case fragment = "it must not contain a fragment (#)"
        /// Contains `user@`.
        case userInformation = "it must not contain user information (@)"
        /// A scheme that no redirect may use.
        case scheme =
            "the scheme must be https, http on localhost or a loopback address, or private-use with a dot (com.example.app:/cb)"
        /// `..` or `.` as a path segment, or a wildcard.
        case ambiguous = "it must not contain dot segments, backslashes or wildcards in the host"
        /// A parameter of ours in the query.
        case reservedParameter = "its query must not contain a parameter of an answer, such as code, state or iss"
    }

    /// The text as registered: compared byte by byte.
    public let rawValue: String
    /// Whether it is `http` on `127.0.0.1` or `[::1]`, where a native application's port floats (RFC 8252 §7.3).
    public let isLoopback: Bool
    /// Whether the scheme is a private-use one.
    public let isPrivateUse: Bool
    /// Whether an answer ends on the person's own device, where any application may be the one that takes it: a loopback
    /// host, by address or by name, or a private-use scheme (RFC 8252 §8.6).
    public let staysOnDevice: Bool

    /// Checks a text for registration.
    public init(registering text: String) throws(Refusal) {
        guard (1...2048).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.utf8.contains(where: { "\"<>^`{|}".utf8.contains($0) }),
            let colon = text.firstIndex(of: ":"), RedirectURI.isScheme(text[..<colon])
        else { throw .notAbsolute }
        guard !text.contains("#") else { throw .fragment }
        guard !text.contains("\\") else { throw .ambiguous }
        let scheme = text[..<colon].lowercased()
        let rest = text[text.index(after: colon)...]
        switch scheme {
        case "https", "http":
            guard rest.hasPrefix("//") else { throw .notAbsolute }
            let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
            guard !authority.contains("@") else { throw .userInformation }
            guard !authority.contains("*"), !authority.contains("%") else { throw .ambiguous }
            guard let host = RedirectURI.host(of: authority) else { throw .notAbsolute }
            isLoopback = scheme == "http" && (host == "127.0.0.1" || host == "[::1]")
            guard scheme == "https" || isLoopback || host == "localhost" else { throw .scheme }
            isPrivateUse = false
            staysOnDevice = scheme == "http"
        default:
            guard scheme.contains("."), rest.hasPrefix("/") else { throw .scheme }
            guard !rest.hasPrefix("//") || !rest.contains("@") else { throw .userInformation }
            isLoopback = false
            isPrivateUse = true
            staysOnDevice = true
        }
        let path: Substring = rest.prefix(while: { $0 != "?" })
        guard !path.split(separator: "/").contains(where: { RedirectURI.isDotSegment($0) }) else { throw .ambiguous }
        if let question = rest.firstIndex(of: "?") {
            let query = rest.suffix(from: question).dropFirst()
            guard let parameters = try? FormParameters(decoding: Array(query.utf8)) else { throw .notAbsolute }
            // Also without a value: whoever reads the first of two would not see ours.
            guard RedirectURI.reserved.isDisjoint(with: parameters.mentioned) else { throw .reservedParameter }
        }
        rawValue = text
    }

    /// Whether a request's `redirect_uri` is this one: byte for byte, but for the port of a loopback address.
    public func matches(_ requested: String) -> Bool {
        if rawValue.utf8.elementsEqual(requested.utf8) { return true }
        guard isLoopback, let mine = RedirectURI.withoutPort(rawValue), let theirs = RedirectURI.withoutPort(requested)
        else { return false }
        return mine == theirs
    }

    /// The host that a person is told about; the whole URI where there is none.
    public var displayHost: String {
        guard !isPrivateUse, let start = rawValue.firstRange(of: "//") else { return rawValue }
        return String(rawValue[start.upperBound...].prefix { $0 != "/" && $0 != "?" })
    }

    /// `scheme://host[:port]`, for `form-action` of a page's policy and for CORS; nil for a private-use scheme.
    public var origin: String? {
        guard !isPrivateUse, let start = rawValue.firstRange(of: "//") else { return nil }
        return String(rawValue[..<start.upperBound]) + displayHost
    }

    /// The text as registered.
    public var description: String { rawValue }

    private static let reserved: Set<Parameter> = [
        .code, .state, .issuer, .error, .errorDescription, .accessToken, Parameter("error_uri"), Parameter("id_token"),
        Parameter("session_state"), Parameter("response"),
    ]

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (first | 0x20) >= UInt8(ascii: "a"), (first | 0x20) <= UInt8(ascii: "z")
        else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    /// The host of `host[:port]`, or nil where host or port are not well formed.
    private static func host(of authority: Substring) -> String? {
        let hostEnd: String.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            hostEnd = authority.index(after: bracket)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let host = authority[..<hostEnd]
        let tail = authority[hostEnd...]
        guard isHost(host), tail.isEmpty || isPort(Array(tail.utf8)) else { return nil }
        return host.lowercased()
    }

    /// A name, an IPv4 address or a bracketed IPv6 one.
    ///
    /// RFC 3986 lets more into a host, but `;` and `,` would end the
    /// source expression of a page's policy in which it is named.
    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("[") {
            let address = text.dropFirst().dropLast().utf8
            return address.contains(UInt8(ascii: ":"))
                && address.allSatisfy { "0123456789abcdefABCDEF:.".utf8.contains($0) }
        }
        return !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func isPort(_ text: some Collection<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: ":") else { return false }
        let digits = text.dropFirst()
        guard (1...5).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return false }
        return (1...65_535).contains(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }

    /// `.` or `..`, also written with `%2e`: browsers resolve both.
    private static func isDotSegment(_ segment: Substring) -> Bool {
        let decoded =
            segment.lowercased().split(separator: "%2e", omittingEmptySubsequences: false)
            .joined(separator: ".") as String
        return decoded == "." || decoded == ".."
    }

    /// A loopback URI with its port cut out; nil for anything else, so that only the port can differ.
    ///
    /// Over bytes: a character of `String` may be several, one of which a browser would take for something else.
    private static func withoutPort(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        for prefix in ["http://127.0.0.1", "http://[::1]"] where bytes.starts(with: prefix.utf8) {
            let rest = bytes.dropFirst(prefix.utf8.count)
            let path = rest.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            let port = rest.prefix(rest.count - path.count)
            guard port.isEmpty || isPort(port) else { return nil }
            return Array(prefix.utf8) + path
        }
        return nil
    }
}
