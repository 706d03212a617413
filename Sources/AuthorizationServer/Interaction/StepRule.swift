import OAuthTypes
import Stores

/// Which step an authorization request needs next: a pure rule over what is known.
struct StepRule: Sendable {
    enum Need: Equatable {
        case signIn
        case selectAccount
        case consent(new: ScopeSet)
        case nothing
    }

    let request: AuthorizationRequest
    let client: Client
    let redirectURI: RedirectURI
    let session: Session?
    /// Nil before any page was shown.
    let interaction: Interaction?
    let remembered: ScopeSet
    let now: Timestamp

    var need: Need {
        guard let session, !isAuthenticationStale(session) else { return .signIn }
        // OpenID Connect Core §3.1.2.1: never success for somebody else than the hint names.
        if let expected = request.expectedUser, expected != session.userID { return .signIn }
        if request.prompts.contains(.selectAccount), !wasChosenHere(session) { return .selectAccount }
        return consentNeed
    }

    private var consentNeed: Need {
        let new = request.scopes.subtracting(remembered)
        if request.prompts.contains(.consent) { return .consent(new: request.scopes) }
        if NativeApplication.canBePosedAs(client, at: redirectURI) {
            return .consent(new: new.isEmpty ? request.scopes : new)
        }
        return client.party == .first || new.isEmpty ? .nothing : .consent(new: new)
    }

    private func wasChosenHere(_ session: Session) -> Bool {
        interaction?.sessionID == session.id
    }

    /// `prompt=login` and `max_age` want a sign-in; one that happened for this very request is recent enough.
    private func isAuthenticationStale(_ session: Session) -> Bool {
        if let interaction, wasChosenHere(session), session.authenticatedAt >= interaction.createdAt { return false }
        if request.prompts.contains(.login) { return true }
        guard let maxAge = request.maxAge else { return false }
        return maxAge == .zero || now - session.authenticatedAt > maxAge
    }
}
