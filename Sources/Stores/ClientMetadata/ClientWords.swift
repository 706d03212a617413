public import JOSE

/// What the authorization endpoint answers with: RFC 6749 §3.1.1, Multiple Response Types §5.
///
/// Closed: an access token never leaves the authorization endpoint.
public enum ResponseType: String, Sendable, Hashable, CaseIterable {
    /// A code.
    case code
    /// A code and an ID token that vouches for it; only where a client's compatibility says so.
    case codeIDToken = "code id_token"
}

/// What kind of application it is: OpenID Connect Registration §2.
public enum ApplicationType: String, Sendable, Hashable, CaseIterable {
    /// On a server or in a browser.
    case web
    /// On a person's own device.
    case native
}

/// Whether a person has the same `sub` everywhere: OpenID Connect Core §8.
public enum SubjectType: String, Sendable, Hashable, CaseIterable {
    /// The same at every client.
    case `public`
    /// Another one in every sector.
    case pairwise
}

/// What an access token looks like.
public enum AccessTokenFormat: String, Sendable, Hashable, CaseIterable {
    /// RFC 9068: resource servers verify it themselves.
    case jwt
    /// A random text, which says something to nobody but the introspection endpoint.
    case opaque
}

/// With what a client that may use refresh tokens gets one.
public enum RefreshTokenUse: String, Sendable, Hashable, CaseIterable {
    /// With every grant of a person; without `offline_access` it ends with the person's session.
    case always
    /// With `offline_access` only.
    case offlineAccess = "offline_access"
}

/// What signs a client's assertions: RFC 7523 §3, OpenID Connect Core §9.
public enum AssertionAlgorithm: Sendable, Hashable {
    /// `private_key_jwt`.
    case signature(SignatureAlgorithm)
    /// `client_secret_jwt`.
    case mac(MACAlgorithm)
}

extension AssertionAlgorithm: RawRepresentable {
    /// By the name in JWA; nil for `none` and what is not offered.
    public init?(rawValue: String) {
        if let algorithm = SignatureAlgorithm(rawValue: rawValue) {
            self = .signature(algorithm)
        } else if let algorithm = MACAlgorithm(rawValue: rawValue) {
            self = .mac(algorithm)
        } else {
            return nil
        }
    }

    /// The name in JWA.
    public var rawValue: String {
        switch self {
        case .signature(let algorithm): algorithm.rawValue
        case .mac(let algorithm): algorithm.rawValue
        }
    }
}

/// How a client's request objects are signed: RFC 9101 §10.5, OpenID Connect Registration §2.
public enum RequestObjectSigning: Sendable, Hashable {
    /// Not at all; only where the client's compatibility says so.
    case none
    /// With this algorithm and no other.
    case signature(SignatureAlgorithm)
}

extension RequestObjectSigning: RawRepresentable {
    /// By the name in JWA.
    public init?(rawValue: String) {
        if rawValue == "none" {
            self = .none
        } else if let algorithm = SignatureAlgorithm(rawValue: rawValue) {
            self = .signature(algorithm)
        } else {
            return nil
        }
    }

    /// The name in JWA.
    public var rawValue: String {
        switch self {
        case .none: "none"
        case .signature(let algorithm): algorithm.rawValue
        }
    }
}
