/// Why a request is refused, and what to answer: RFC 6750 §3.
public enum TokenRefusal: Error, Sendable, Equatable {
    /// No bearer token came with it.
    case missingToken
    /// The token came twice or in a form that none has.
    case malformedRequest
    /// The token is not good here.
    case invalidToken(TokenFault)
    /// The token is good, and not for this: these scopes are needed.
    case insufficientScope([String])
    /// The token is good, and the sign-in behind it is too weak or too old for this: RFC 9470 §3.
    case insufficientSignIn(SignInDemand)
    /// The issuer's keys cannot be had, so nobody can tell: not the client's fault.
    case keysUnavailable(KeySetFailure)

    /// The status of the answer: RFC 6750 §3.1, RFC 9110 §15.6.4.
    public var status: Int {
        switch self {
        case .missingToken, .invalidToken, .insufficientSignIn: 401
        case .malformedRequest: 400
        case .insufficientScope: 403
        case .keysUnavailable: 503
        }
    }

    /// The value of `WWW-Authenticate`; `nil` where the answer is no challenge.
    ///
    /// The realm says whose token is wanted. Characters that may not be in one are left out.
    ///
    /// With `metadata` it says where the service publishes whom to ask for tokens (RFC 9728 §5.1).
    public func challenge(realm: String, metadata: ResourceMetadataAddress? = nil) -> String? {
        var challenge = "Bearer realm=\"\(Self.quotable(realm))\""
        switch self {
        // §3.1: who sent nothing is told nothing but how to begin.
        case .missingToken: break
        case .malformedRequest: add("invalid_request", "the token is missing or came twice", to: &challenge)
        case .invalidToken(let fault): add("invalid_token", fault.description, to: &challenge)
        case .insufficientScope(let scopes):
            add("insufficient_scope", "the token lacks a scope", to: &challenge)
            challenge += ", scope=\"\(Self.quotable(scopes.joined(separator: " ")))\""
        case .insufficientSignIn(let demand):
            add("insufficient_user_authentication", "a stronger or fresher sign-in is needed", to: &challenge)
            if !demand.contexts.isEmpty {
                challenge += ", acr_values=\"\(Self.quotable(demand.contexts.joined(separator: " ")))\""
            }
            if let maxAge = demand.maxAge { challenge += ", max_age=\"\(maxAge)\"" }
        case .keysUnavailable: return nil
        }
        if let metadata { challenge += ", resource_metadata=\"\(Self.quotable(metadata.url))\"" }
        return challenge
    }

    private func add(_ error: StaticString, _ description: StaticString, to challenge: inout String) {
        challenge += ", error=\"\(error)\", error_description=\"\(description)\""
    }

    private static func quotable(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }, as: UTF8.self)
    }
}
