import AuthorizationServer
import Federation
import HTTP
import Identity
import JOSE
import OAuthTypes
import Pages
import Stores

/// Linking one's account to other providers, and taking links away again.
extension AccountRoutes {
    private static let linkPath = AccountPlace.security.path + "/links"

    /// None where there are no connectors.
    var linkRoutes: [Route] {
        guard let parts = federation else { return [] }
        return [
            change(AccountRoutes.linkPath + "/add", .security) { owner, form, request in
                let id = ConnectorID(rawValue: form[Parameter("connector")] ?? "")
                guard let upstream = try await parts.federation.find(id) else { return linksPage }
                let visitor = try await Visitor(request, cookies, sessions)
                // Asked again there: a session that somebody has left open must not become a way into this account.
                var wishes = Upstream.Wishes()
                wishes.isFresh = true
                do throws(UpstreamFault) {
                    return answers.leave(
                        to: try await upstream.authorizationAddress(
                            for: FederationPurpose.link(owner.session.id).text, in: visitor.browserDigest, wishes))
                } catch {
                    answers.report(request.id, error)
                    return answers.trouble(
                        ConnectorTrouble(error), at: id, error, shownOn: AccountPlace.security.path, request)
                }
            },
            change(AccountRoutes.linkPath + "/remove", .security) { owner, form, request in
                let id = ConnectorID(rawValue: form[Parameter("connector")] ?? "")
                guard let subject = form[Parameter("link")].flatMap({ Base64URL.decode($0) }) else { return linksPage }
                let connector = try await environment.storage.connectors.find(id)
                let name = connector?.name ?? id.rawValue
                // Which sessions a directory has begun is not kept: all others end.
                let own = owner.session.digest
                switch try await links.unlink(
                    id, subject: String(decoding: subject, as: UTF8.self), named: name, of: owner.user,
                    ending: connector?.kind == .ldap ? .others(but: own) : .whatCameByIt(but: own),
                    from: request.auditOrigin)
                {
                case .removed: return try await renewing(owner, adding: [], linksPage)
                case .unknown: return linksPage
                case .lastWayIn: return answers.trouble(.kept, at: id, shownOn: AccountPlace.security.path, request)
                }
            },
        ]
    }

    private var linksPage: Response { answers.redirect(to: AccountPlace.security.path) }

    /// Links a person at a connector to the account of the session that sent them there, in that session alone.
    func link(
        _ proven: ProvenIdentity, in session: SessionID, _ request: Request, _ visitor: Visitor,
        trouble: (ConnectorTrouble) -> Response
    ) async throws -> Response {
        guard let owner = try await owner(visitor, of: .security), owner.session.id == session else {
            return answers.redirect(to: AccountPlace.signIn + AccountPlace.security.query)
        }
        switch try await links.link(proven, to: owner.user, from: request.auditOrigin) {
        case .linked: return linksPage
        case .taken: return trouble(.taken)
        case .refused: return trouble(.link)
        }
    }

    /// The links as the page shows them; nil where there are no connectors.
    func linkList(_ owner: Owner, _ request: Request) async throws -> LinkList? {
        guard let parts = federation else { return nil }
        let buttons = ConnectorButtons(parts: parts, root: environment.issuer.path)
        let all = try await links.list(of: owner.user.id)
        var names: [ConnectorID: (name: String, isEnabled: Bool)] = [:]
        for connector in try await environment.storage.connectors.list() {
            names[connector.id] = (connector.name, connector.isEnabled)
        }
        let upstreams = try await parts.federation.upstreams()
        guard !upstreams.isEmpty || !all.isEmpty else { return nil }
        return LinkList(
            entries: all.map { link in
                LinkList.Entry(
                    connector: link.connector.rawValue, name: names[link.connector]?.name ?? link.connector.rawValue,
                    account: link.email ?? link.name, added: ShownMoment(seconds: link.linkedAt.seconds),
                    lastUsed: link.lastUsedAt.map { ShownMoment(seconds: $0.seconds) },
                    isDisabled: names[link.connector]?.isEnabled != true,
                    handle: Base64URL.encode(Array(link.subject.utf8)))
            },
            others: upstreams.filter { upstream in
                upstream.settings.policy.mayLink != false
                    && !all.contains { $0.connector == upstream.connector.id }
            }.map { LinkList.Other(id: $0.connector.id.rawValue, name: $0.connector.name) },
            problem: try await buttons.problem(of: request))
    }
}
