import OAuthTypes
import Stores

/// Client credentials grant: RFC 6749 §4.4.
///
/// No refresh token and no ID token comes of it (§4.4.3).
struct ClientCredentialsGrant: TokenGrant {
    let environment: ServerEnvironment
    let issue: TokenIssue

    init(_ environment: ServerEnvironment, _ issue: TokenIssue) {
        self.environment = environment
        self.issue = issue
    }

    func respond(to form: FormParameters, from client: Client) async throws -> TokenResponse {
        guard !client.isPublic else {
            throw OAuthError(
                .unauthorizedClient, "a public client cannot act for itself",
                advice: "client_credentials takes a client with a secret or keys", rule: "RFC 6749 §4.4")
        }
        let resources = try ResourceIndicators.read(form)
        let target = try await TokenTarget(
            resources, of: nil, scopes: try granted(form, client), for: client, in: environment)
        return try await issue.token(for: client, target)
    }

    private static let personal: ScopeSet = [.openid, .profile, .email, .address, .phone, .offlineAccess]

    /// What it asks for, or all that it may have: but for the scopes that only mean something for a person.
    private func granted(_ form: FormParameters, _ client: Client) throws(OAuthError) -> ScopeSet {
        let allowed = client.scopes.subtracting(ClientCredentialsGrant.personal)
        guard let text = form[.scope] else { return allowed }
        guard let asked = ScopeSet(parsing: text), !asked.isEmpty, asked.isSubset(of: allowed) else {
            throw OAuthError(
                .invalidScope, "the client may not have one of the requested scopes for itself",
                advice: "for itself the client may ask for " + (allowed.isEmpty ? "none" : "\(allowed)"),
                rule: "RFC 6749 §3.3, §4.4.2")
        }
        return asked
    }
}
