import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// What a person let clients have, and how they take it back.
extension AccountRoutes {
    var appRoutes: [Route] {
        [
            page(AccountPlace.apps.path, .apps) { try await showApps($0, $1) },
            form(AccountPlace.apps.path + "/withdraw", .apps) { try await withdraw($1, $0, $2) },
        ]
    }

    private func showApps(_ owner: Owner, _ request: Request) async throws -> Response {
        var entries: [AccountAppsPage.Entry] = []
        for (id, consent) in try await access(of: owner.user.id) {
            guard let client = try await environment.clients.find(id) else { continue }
            entries.append(
                AccountAppsPage.Entry(
                    name: client.name,
                    scopes: (consent?.scopes ?? []).map { ConsentPage.Scope(name: $0.rawValue) },
                    since: consent.map { ShownMoment(seconds: $0.since.seconds) },
                    handle: id.rawValue))
        }
        entries.sort { ($0.name, $0.handle) < ($1.name, $1.handle) }
        return answers.page(
            AccountAppsPage(frame: frame(owner, .apps), apps: entries, csrf: token(owner)), for: request)
    }

    private func withdraw(_ form: FormParameters, _ owner: Owner, _ request: Request) async throws -> Response {
        let person = owner.user.id
        if let client = form[Parameter("client")].flatMap({ ClientID($0) }),
            try await access(of: person)[client] != nil
        {
            try await environment.storage.consents.withdraw(user: person, client: client, at: environment.clock.now)
            try await audit.note(.consentWithdrawn, of: person, with: client, from: request.auditOrigin)
        }
        return answers.redirect(to: AccountPlace.apps.path)
    }

    /// The clients with a consent that is remembered, and those with a living grant: the operator's own ask nobody.
    private func access(of person: UserID) async throws -> [ClientID: Consent?] {
        var access: [ClientID: Consent?] = [:]
        for use in try await environment.storage.grants.clients(of: person, at: environment.clock.now) {
            access[use.clientID] = .some(nil)
        }
        for consent in try await environment.storage.consents.list(of: person) { access[consent.clientID] = consent }
        return access
    }
}
