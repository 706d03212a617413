/// An opaque identifier that the server makes; the type parameter keeps one kind from being taken for another.
///
/// The text is base64url or hexadecimal, at most 64 characters. Two identifiers are equal when their bytes are.
public struct Identifier<Kind>: Sendable, Hashable, CustomStringConvertible {
    /// The text as stored and sent.
    public let rawValue: String

    /// Takes text as it comes; whether such a record exists is for a store to say.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The text itself: identifiers are no secrets.
    public var description: String { rawValue }

    /// Whether the bytes are the same; `String` would take canonically equivalent ones for equal.
    public static func == (left: Self, right: Self) -> Bool { left.rawValue.utf8.elementsEqual(right.rawValue.utf8) }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        var text = rawValue
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// Marks identifiers of grants.
public enum GrantKind: Sendable {}
/// Names one grant: what one person allowed one client in one authorization, from code to last refresh token.
public typealias GrantID = Identifier<GrantKind>

/// Marks identifiers of browser sessions.
public enum SessionKind: Sendable {}
/// Names one browser session toward clients (`sid`, OpenID Connect Back-Channel Logout §2.1); not the cookie's secret.
public typealias SessionID = Identifier<SessionKind>

/// Marks identifiers of people.
public enum UserKind: Sendable {}
/// Names one person: the `sub` claim (OpenID Connect Core §2), at most 255 ASCII characters, never given twice.
public typealias UserID = Identifier<UserKind>

/// Marks identifiers of signing keys.
public enum KeyKind: Sendable {}
/// Names one signing key: `kid` (RFC 7517 §4.5), here the RFC 7638 thumbprint.
public typealias KeyID = Identifier<KeyKind>
