import AuthorizationServer
import Federation
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// The page between a provider and a new account, where there is something to accept: what a provider says accepts
/// nothing.
extension FederationRoutes {
    private static let newAccountForm = "connector account"

    static func newAccountPath(_ id: ConnectorID) -> String { "/federation/" + id.rawValue + "/account" }

    var newAccountRoutes: [Route] {
        let path = "/federation/:connector/account"
        return [
            Route(.get, path) { request in
                await guarded(request) { visitor, upstream in
                    guard let (identity, purpose) = try await forms.newcomer(visitor, at: upstream.connector.id) else {
                        return newAccountIsOver(request)
                    }
                    return try await newAccountPage(identity, purpose, request, visitor, upstream)
                }
            },
            Route(.post, path, bodyLimit: OwnForm.contentLimit) { request in
                await guarded(request) { visitor, upstream in try await makeAccount(request, visitor, upstream) }
            },
        ]
    }

    private func makeAccount(_ request: Request, _ visitor: Visitor, _ upstream: Upstream) async throws -> Response {
        guard
            let form = OwnForm(
                request, purpose: FederationRoutes.newAccountForm, browser: visitor.browser.secret, environment)?.fields
        else { return answers.forbidden(for: request) }
        guard let (identity, purpose) = try await forms.newcomer(visitor, at: upstream.connector.id) else {
            return newAccountIsOver(request)
        }
        guard termsURL == nil || form[Parameter("terms")] == "accepted" else {
            return try await newAccountPage(
                identity, purpose, request, visitor, upstream, isUnaccepted: true, status: .unprocessableContent)
        }
        // Of two posts the second has nobody who waits any more.
        guard try await forms.endWaiting(visitor) else { return newAccountIsOver(request) }
        let proven = ProvenIdentity(identity, at: upstream, parts.signUpMode)
        return try await signIn(
            proven, identity, for: purpose, isStaying: visitor.isStaying, newcomers: .made, request, visitor, upstream)
    }

    private func newAccountPage(
        _ identity: UpstreamIdentity, _ purpose: FederationPurpose, _ request: Request, _ visitor: Visitor,
        _ upstream: Upstream, isUnaccepted: Bool = false, status: Status = .ok
    ) async throws -> Response {
        // The form may lead to the client's own address, where nothing else is asked on the way.
        var target = FormTarget.ourselves
        if case .interaction(let id) = purpose,
            case .open(let pending) = try await interactions.interactions.pending(id, from: visitor.browser)
        {
            target = .client(pending.redirectURI.registered)
        }
        let root = environment.issuer.path
        let page = ConnectorAccountPage(
            connector: upstream.connector.name, email: identity.email?.rawValue ?? "", termsURL: termsURL ?? "",
            isUnaccepted: isUnaccepted,
            csrf: environment.formTokens.token(
                for: FederationRoutes.newAccountForm, browser: visitor.browser.secret ?? ""),
            action: root + FederationRoutes.newAccountPath(upstream.connector.id), leaveURL: root + purpose.page)
        return answers.page(page, status: status, formTarget: target, for: request)
    }

    private func newAccountIsOver(_ request: Request) -> Response {
        answers.over(.expired, status: .gone, for: request)
    }
}
