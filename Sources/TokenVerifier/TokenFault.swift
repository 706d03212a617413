public import JOSE

/// What is wrong with a token.
///
/// Without a piece of the token, so that it may be logged.
public enum TokenFault: Error, Sendable, Equatable {
    /// Its form, type, key, signature, or one of the claims that every JWT has: RFC 7515, RFC 7519.
    case jwt(JOSEError)
    /// A claim that this kind of token must have is not there or of the wrong kind.
    case missingClaim(String)
    /// An ID token in place of an access token: RFC 9068 §4.
    case idToken
    /// Bound to a key of the client (`cnf`), and presented without proof of it: RFC 9449 §7.2, RFC 8705 §3.
    case boundToken
    /// Not the nonce of the request, or one where none was sent: OpenID Connect Core §3.1.3.7.
    case wrongNonce
    /// `azp` is another client: OpenID Connect Core §3.1.3.7.
    case wrongAuthorizedParty
    /// It is also for an audience that is not trusted: OpenID Connect Core §3.1.3.7.
    case untrustedAudience
    /// The person signed in longer ago than `max_age` allows: OpenID Connect Core §3.1.2.1.
    case staleAuthentication
}

extension TokenFault {
    /// One sentence for `error_description`, in the characters of RFC 6750 §3.
    ///
    /// Whoever has a token that was good yesterday learns what to do; whoever tries forgeries learns nothing.
    var description: StaticString {
        switch self {
        case .jwt(.expired): "the token has expired"
        case .jwt(.notYetValid), .jwt(.issuedInTheFuture): "the token is not valid yet"
        case .jwt(.wrongAudience), .untrustedAudience: "the token is for another audience"
        case .jwt(.wrongIssuer): "the token is of another issuer"
        case .jwt(.wrongType), .idToken: "the token is of another type"
        case .boundToken: "the token is bound to a key and came without proof of it"
        case .staleAuthentication: "the sign-in is too long ago"
        case .jwt, .missingClaim, .wrongNonce, .wrongAuthorizedParty: "the token is not valid here"
        }
    }
}
