import OAuthTypes
import Stores

/// Which step an authorization request needs next: a pure rule over what is known.
struct StepRule: Sendable {
    enum Need: Equatable {
        case signIn
        case selectAccount
        case consent(new: ScopeSet)
        case nothing
        /// Nothing that the person can do is strong enough.
        case unmet
    }

    /// What the client is told of a sign-in that cannot be strong enough.
    static let unmet = OAuthError(
        .unmetAuthenticationRequirements, "the person cannot sign in as strongly as the client wants",
        advice:
            "no way to sign in that this person has reaches the acr that is essential; MARTLET_ACR_NAMES names what there is",
        rule: "OpenID Connect Core Unmet Authentication Requirements §2, RFC 9470 §4")

    let request: AuthorizationRequest
    let client: Client
    let redirectURI: RedirectURI
    let session: Session?
    /// Whether the person of the session is the one whom the request names, or it names nobody.
    let isExpected: Bool
    /// Nil before any page was shown.
    let interaction: Interaction?
    let remembered: ScopeSet
    let ladder: AuthenticationLadder
    /// The strongest way in which the person can sign in; looked at only where the session is too weak.
    let strongest: AuthenticationContext
    let now: Timestamp

    var need: Need {
        guard let session, !isAuthenticationStale(session) else { return .signIn }
        // OpenID Connect Core §3.1.2.1: never success for somebody else than the hint names.
        if !isExpected { return .signIn }
        if let need = strengthNeed(session) { return need }
        if request.prompts.contains(.selectAccount), !wasChosenHere(session) { return .selectAccount }
        return consentNeed
    }

    /// `acr`, OpenID Connect Core §5.5.1.1: what is essential is reached or refused, the rest is tried once where it can
    /// be reached at all.
    private func strengthNeed(_ session: Session) -> Need? {
        guard let strength = request.claims.strength else { return nil }
        guard let wanted = ladder.lowest(of: strength.names) else { return strength.isEssential ? .unmet : nil }
        guard AuthenticationContext(session.methods) < wanted else { return nil }
        guard strongest >= wanted else { return strength.isEssential ? .unmet : nil }
        return strength.isEssential || !isProvenHere(session) ? .signIn : nil
    }

    /// Whether the strength that the client wants is more than the session has: then it matters what the person can do.
    static func isTooWeak(_ session: Session, for request: AuthorizationRequest, _ ladder: AuthenticationLadder) -> Bool
    {
        guard let wanted = request.claims.strength.flatMap({ ladder.lowest(of: $0.names) }) else { return false }
        return AuthenticationContext(session.methods) < wanted
    }

    private var consentNeed: Need {
        let new = request.new(beside: remembered)
        if request.prompts.contains(.consent) { return .consent(new: request.consented) }
        if NativeApplication.canBePosedAs(client, at: redirectURI) {
            return .consent(new: new.isEmpty ? request.consented : new)
        }
        return client.party == .first || new.isEmpty ? .nothing : .consent(new: new)
    }

    private func wasChosenHere(_ session: Session) -> Bool {
        interaction?.sessionID == session.id
    }

    /// Whether the person signed in for this very request.
    private func isProvenHere(_ session: Session) -> Bool {
        guard let interaction else { return false }
        return wasChosenHere(session) && session.authenticatedAt >= interaction.createdAt
    }

    /// `prompt=login` and `max_age` want a sign-in; one that happened for this very request is recent enough.
    private func isAuthenticationStale(_ session: Session) -> Bool {
        if isProvenHere(session) { return false }
        if request.prompts.contains(.login) || request.prompts.contains(.create) { return true }
        guard let maxAge = request.maxAge else { return false }
        return maxAge == .zero || now - session.authenticatedAt > maxAge
    }
}
