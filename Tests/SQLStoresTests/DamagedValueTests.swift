import MartletTesting
import OAuthTypes
import SQLStores
import Stores
import Testing

@Suite("Values that no store wrote are reported")
struct DamagedValueTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let table: String
        let column: String
        let value: String
        var testDescription: String { "\(table).\(column) = \(value)" }

        init(_ table: String, _ column: String, _ value: String) {
            (self.table, self.column, self.value) = (table, column, value)
        }
    }

    @Test("A mail of a kind that only a newer program knows is left to that one, and no attempt is used up")
    func mailsOfNewerPrograms() async throws {
        try await withSQLite { storage, directory in
            let mails = storage.stores.mails
            try await mails.order(.waiting("m"))
            let raw = try RawSQLite(directory.file)
            let kind = try #require(try raw.column("SELECT kind FROM mails").first)
            try raw.execute("UPDATE mails SET kind = 'of_the_future'")
            #expect(try await mails.claim(at: .noon + .seconds(9), until: .noon + .seconds(60), limit: 9) == [])
            #expect(try raw.column("SELECT attempts FROM mails") == ["0"])
            try raw.execute("UPDATE mails SET kind = '\(kind)'")
            #expect(try await mails.claim(at: .noon + .seconds(9), until: .noon + .seconds(60), limit: 9).count == 1)
        }
    }

    @Test(arguments: [
        Damage("clients", "secret_digest", "x'00'"), Damage("clients", "secret_digest", "'text'"),
        Damage("clients", "authentication_methods", "'client_secret_basic magic'"),
        Damage("clients", "redirect_uris", "'https://ok.example/ javascript:alert(1)'"),
        Damage("clients", "post_logout_redirect_uris", "'nonsense'"), Damage("clients", "grant_types", "'password'"),
        Damage("clients", "scopes", "'openid \"'"), Damage("clients", "party", "'second'"),
        Damage("clients", "created_at", "1.5"), Damage("clients", "metadata", "'{'"),
        Damage("clients", "metadata", "'{\"subject_type\":\"secret\"}'"), Damage("clients", "revision", "'two'"),
        Damage("clients", "former_secret_expires_at", "NULL"), Damage("clients", "sealed_secret", "'text'"),
        Damage("clients", "registration_digest", "x'00'"),
        Damage("clients", "name", "x'41'"),
        Damage("users", "email", "'no address'"), Damage("users", "is_email_verified", "2"),
        Damage("users", "name", "CAST(x'FF' AS TEXT)"), Damage("users", "disabled_at", "'yesterday'"),
        Damage("users", "mail_codes", "'maybe'"), Damage("users", "language", "x'00'"),
        Damage("profiles", "country", "x'41'"), Damage("profiles", "translations", "'shoe=size'"),
        Damage("profiles", "translations", "'%'"), Damage("grants", "claims", "x'41'"),
        Damage("pending_identities", "browser", "x'00'"), Damage("pending_identities", "sealed", "'text'"),
        Damage("profile_sources", "told", "'%'"), Damage("profile_sources", "told", "'name=Ada'"),
        Damage("profile_sources", "told_at", "'then'"),
        Damage("memberships", "kind", "'club'"), Damage("memberships", "name", "''"),
        Damage("resources", "id", "'no uri'"), Damage("resources", "algorithm", "'none'"),
        Damage("resources", "clients", "'u_1'"), Damage("resources", "format", "'saml'"),
        Damage("opaque_tokens", "client_id", "''"), Damage("opaque_tokens", "claims", "x'41'"),
        Damage("sessions", "methods", "'pwd magic'"), Damage("sessions", "user_id", "user_id"),
        Damage("interactions", "browser", "x''"), Damage("interactions", "client_id", "'u_1'"),
        Damage("interactions", "finished_at", "x'00'"),
        Damage("codes", "code_challenge", "'short'"), Damage("codes", "client_id", "''"),
        Damage("grants", "methods", "'magic'"), Damage("grants", "request", "x'01'"),
        Damage("grants", "rotated_at", "NULL"), Damage("grants", "idle_expires_at", "NULL"),
        Damage("grants", "generation", "'two'"), Damage("grants", "revoked_at", "'never'"),
        Damage("sessions", "device", "x'00'"), Damage("sessions", "last_used_at", "'now'"),
        Damage("totp_keys", "sealed", "'text'"), Damage("totp_keys", "last_step", "'first'"),
        Damage("remembered_devices", "device", "x'00'"), Damage("first_factors", "browser", "x'00'"),
        Damage("recourses", "purpose", "'lost'"), Damage("recourses", "email", "'nobody'"),
        Damage("mails", "details", "x'00'"), Damage("account_deletions", "expires_at", "'soon'"),
        Damage("passkeys", "sign_count", "4294967296"), Damage("passkeys", "is_backed_up", "2"),
        Damage("passkeys", "public_key", "'text'"),
        Damage("connectors", "kind", "'saml'"), Damage("connectors", "sealed_secret", "'text'"),
        Damage("upstream_sessions", "created_at", "'then'"), Damage("linked_identities", "linked_at", "'then'"),
        Damage("first_factors", "methods", "'magic'"),
        Damage("consents", "scope", "'a b'"), Damage("signing_keys", "state", "'lost'"),
        Damage("signing_keys", "sealed", "'text'"), Damage("versions", "value", "'many'"),
    ])
    func reports(_ damage: Damage) async throws {
        try await withSQLite { storage, directory in
            try await fill(storage.stores)
            try await readEverything(storage.stores)
            try RawSQLite(directory.file).execute("UPDATE \(damage.table) SET \(damage.column) = \(damage.value)")
            guard damage.value != damage.column else {
                // A change that changes nothing: the reading itself is sound.
                try await readEverything(storage.stores)
                return
            }
            await #expect(throws: StorageError.damaged(table: damage.table, column: damage.column)) {
                try await readEverything(storage.stores)
            }
        }
    }

    private func fill(_ stores: Storage) async throws {
        _ = try await stores.clients.insert(.withEveryFieldSet())
        _ = try await stores.users.insert(.withEveryFieldSet(disabledAt: nil))
        // The one that the waiting person came by, and before anybody waits: a new one inherits nothing.
        _ = try await stores.connectors.insert(.withEveryFieldSet(id: "g", disabledAt: nil))
        // An account that is to be deleted gets no link.
        _ = try await stores.links.link(.withEveryFieldSet(user: User.withEveryFieldSet().id.rawValue))
        // First, for it ends what is open.
        _ = try await stores.holds.leave(
            User.withEveryFieldSet().id, erasedAt: .noon + .seconds(9), at: .noon - .seconds(9999), recourse: nil,
            ordering: nil)
        _ = try await stores.profiles.replace(.withEveryFieldSet(), at: .noon)
        _ = try await stores.profiles.tell(
            ProfileTelling(of: User.withEveryFieldSet().id, by: "login", [.name: "Zoë"], at: .noon), changing: nil)
        try await stores.sessions.start(.withEveryFieldSet(), replacing: nil)
        try await stores.interactions.insert(.withEveryFieldSet())
        try await stores.codes.issue(.withEveryFieldSet(), under: .living())
        _ = try await stores.secondFactors.authenticators.propose(.withEveryFieldSet())
        try await stores.secondFactors.devices.remember(.withEveryFieldSet())
        try await stores.secondFactors.firstFactors.note(.withEveryFieldSet(identity: .numbered(851)))
        try await stores.pendingIdentities.note(.withEveryFieldSet())
        try await stores.recourses.open(.withEveryFieldSet(), ordering: .waiting("recourse"))
        _ = try await stores.secondFactors.passkeys.add(.withEveryFieldSet(), limit: 9)
        try await stores.upstreamSessions.note(.withEveryFieldSet())
        try await stores.consents.remember(
            [.openid], user: User.withEveryFieldSet().id, client: ClientID("app")!, at: .noon)
        _ = try await stores.memberships.add(.group("staff"), to: User.withEveryFieldSet().id)
        _ = try await stores.resources.insert(.withEveryFieldSet())
        #expect(try await stores.opaqueTokens.insert(.numbered(802, grant: Grant.living().id.rawValue)))
        _ = try await stores.keys.begin(with: [.withEveryFieldSet()])
    }

    private func readEverything(_ stores: Storage) async throws {
        #expect(try await stores.clients.list().count == 1)
        #expect(try await stores.users.list(after: nil, limit: 9).count == 1)
        #expect(try await stores.profiles.find(User.withEveryFieldSet().id) == .withEveryFieldSet())
        #expect(try await stores.profiles.tellings(of: User.withEveryFieldSet().id).count == 1)
        #expect(try await stores.sessions.find(Session.withEveryFieldSet().digest, at: .noon) != nil)
        #expect(try await stores.secondFactors.authenticators.find(User.withEveryFieldSet().id) != nil)
        #expect(try await stores.secondFactors.devices.find(.numbered(601), at: .noon) != nil)
        #expect(try await stores.secondFactors.firstFactors.find(.numbered(701), at: .noon) != nil)
        #expect(try await stores.pendingIdentities.find(.numbered(851), at: .noon) != nil)
        #expect(try await stores.mails.list(after: nil, limit: 9).count == 1)
        let recourse = Recourse.withEveryFieldSet()
        #expect(try await stores.recourses.find(recourse.id, at: .noon) == recourse)
        #expect(try await stores.holds.find(User.withEveryFieldSet().id, at: .noon).erasedAt == .noon + .seconds(9))
        let passkey = Passkey.withEveryFieldSet()
        #expect(try await stores.secondFactors.passkeys.find(passkey.credentialID) == passkey)
        #expect(try await stores.interactions.find(Interaction.withEveryFieldSet().digest, at: .noon) != nil)
        #expect(try await stores.codes.find(AuthorizationCode.withEveryFieldSet().digest, at: .noon) != nil)
        #expect(try await stores.grants.find(Grant.living().id, at: .noon) != nil)
        #expect(
            try await stores.consents.find(user: User.withEveryFieldSet().id, client: ClientID("app")!) == [.openid])
        #expect(try await stores.memberships.find(User.withEveryFieldSet().id) == [.group("staff")])
        #expect(try await stores.resources.list() == [.withEveryFieldSet()])
        #expect(try await stores.opaqueTokens.find(.numbered(802), at: .noon) != nil)
        #expect(try await stores.connectors.list().count == 1)
        #expect(try await stores.links.list(of: User.withEveryFieldSet().id).count == 1)
        #expect(try await stores.upstreamSessions.find(Session.withEveryFieldSet().id, at: .noon) != nil)
        #expect(try await stores.keys.list().count == 1)
        #expect(try await stores.versions.current() > 0)
    }
}
