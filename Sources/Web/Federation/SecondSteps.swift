import AuthorizationServer
import Federation
import Identity
import OAuthTypes
import Stores

/// People whom a connector has proven and who wait for the second factor: on pages and in the calls of apps alike.
///
/// Who they are there waits in the store. It is looked at again when the factor comes: a provider may have signed them out
/// meanwhile, and a connector that was disabled opens nothing.
struct SecondSteps: Sendable {
    let parts: Site.FederationParts
    let environment: ServerEnvironment
    let course: SignInCourse
    let links: LinkedAccounts
    let audit: AuditTrail

    /// Nil where there are no connectors.
    init?(_ site: Site.Parts) {
        guard let parts = site.federation else { return nil }
        self.parts = parts
        environment = site.environment
        course = SignInCourse(site)
        links = LinkedAccounts(site)
        audit = site.audit
    }

    /// Keeps whom a directory has proven by an address that was typed; answers by what they are found.
    func keep(
        _ person: ProvenIdentity, typedAs typed: String, of user: UserID, in browser: TokenDigest
    ) async throws -> TokenDigest {
        let identity = UpstreamIdentity(
            ofDirectory: person.connector, subject: person.subject, email: person.email, name: person.name,
            typed: Email(typed))
        let digest = TokenDigest(of: environment.newSecret())
        try await environment.storage.pendingIdentities.note(
            try parts.federation.record(
                of: PendingLink(identity, for: .secondFactor(user)), under: digest, in: browser))
        return digest
    }

    /// The session of somebody who has waited, whose factor has come.
    ///
    /// Nil, and it has ended, where they wait no more, nobody signs in by that connector any more, or the link was taken away.
    func finish(_ start: SignInCourse.Start, at place: SignInPlace) async throws -> SignInCourse.Start? {
        let (store, now) = (environment.storage.pendingIdentities, environment.clock.now)
        if let digest = start.identity, let record = try await store.find(digest, at: now),
            let identity = parts.federation.pendingLink(record, in: place.browser)?.identity,
            try await store.take(digest, at: now)
        {
            try await environment.storage.upstreamSessions.note(
                try parts.federation.record(identity, of: start.session))
            // After that: whoever disables a connector and ends its sessions either finds this one, or is seen here.
            if try await links.isInUse(identity.connector), try await isAdmitted(identity),
                try await links.isLinked(identity.connector, identity.subject, to: start.user)
            {
                return try await course.noting(identity.typed, in: start, from: place.origin)
            }
        }
        try await course.sessions.end(start.session)
        audit.noteLater(
            .signIn, .refused, of: start.user.id, with: place.client, from: place.audit,
            details: ["reason": "connector_gone"])
        return nil
    }

    /// Whether the connector that has proven somebody still would.
    private func isAdmitted(_ identity: UpstreamIdentity) async throws -> Bool {
        if try await parts.federation.find(identity.connector) != nil { return true }
        return try await parts.directories?.person(
            identity.subject, at: identity.connector, email: identity.email, name: identity.name) != nil
    }
}
