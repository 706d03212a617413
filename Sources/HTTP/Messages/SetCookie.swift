/// A cookie to set: RFC 6265 §4.1, with `SameSite` of RFC 6265bis.
///
/// Safe by default.
public struct SetCookie: Sendable, Hashable {
    /// Which requests from other sites carry the cookie.
    public enum SameSite: String, Sendable, Hashable {
        /// None of them.
        case strict = "Strict"
        /// Top-level navigation with a safe method.
        case lax = "Lax"
        /// All; browsers want `secure` with it.
        case none = "None"
    }

    /// The name: a token.
    public var name: String
    /// The value: visible ASCII without double quote, comma, semicolon and backslash.
    public var value: String
    /// The path under which it is sent.
    public var path: String
    /// Whether scripts cannot read it.
    public var httpOnly: Bool
    /// Whether it goes over TLS only.
    public var secure: Bool
    /// The rule for requests from other sites.
    public var sameSite: SameSite
    /// How long it lives; `nil` until the browser closes; zero or less removes it.
    public var maxAge: Duration?

    /// A cookie; the defaults are the strict ones.
    public init(
        name: String,
        value: String,
        path: String = "/",
        httpOnly: Bool = true,
        secure: Bool = true,
        sameSite: SameSite = .lax,
        maxAge: Duration? = nil
    ) {
        self.name = name
        self.value = value
        self.path = path
        self.httpOnly = httpOnly
        self.secure = secure
        self.sameSite = sameSite
        self.maxAge = maxAge
    }

    /// The same cookie, to be removed by the browser.
    public func removal() -> SetCookie {
        var copy = self
        copy.value = ""
        copy.maxAge = .zero
        return copy
    }

    /// The field value; `nil` if a part would break its grammar or a promise of its name (`__Host-`, `__Secure-`).
    var fieldValue: String? {
        let isOctet = { (byte: UInt8) in byte > 32 && byte < 127 && !"\",;\\".utf8.contains(byte) }
        let isPathByte = { (byte: UInt8) in byte >= 32 && byte < 127 && byte != UInt8(ascii: ";") }
        guard FieldGrammar.isToken(name.utf8), value.utf8.allSatisfy(isOctet), path.utf8.allSatisfy(isPathByte) else {
            return nil
        }
        if name.hasPrefix("__Host-"), !secure || path != "/" { return nil }
        if name.hasPrefix("__Secure-"), !secure { return nil }
        var text = "\(name)=\(value); Path=\(path)"
        if let maxAge { text += "; Max-Age=\(max(0, maxAge.components.seconds))" }
        if httpOnly { text += "; HttpOnly" }
        if secure { text += "; Secure" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }
}

extension Response {
    /// Adds a `Set-Cookie` field.
    ///
    /// A cookie that breaks the grammar makes the whole answer a 500.
    public mutating func setCookie(_ cookie: SetCookie) {
        if let value = cookie.fieldValue {
            headers.add("Set-Cookie", value)
        } else {
            headers.refuse()
        }
    }
}
