public import Stores
public import Testing

/// Every law of every store, in one list: a new law joins by its case, a new store by one line here, and each adapter's
/// test runs them all.
public struct StoreLaw: Sendable, CustomTestStringConvertible {
    /// Its store and its name.
    public let testDescription: String
    /// Checks the law on empty stores.
    public let check: @Sendable (Storage) async throws -> Void

    /// All of them.
    public static let all: [StoreLaw] =
        laws(of: "clients", ClientStoreLaw.self) { try await $0.check($1) }
        + laws(of: "users", UserStoreLaw.self) { try await $0.check($1) }
        + laws(of: "sessions", SessionStoreLaw.self) { try await $0.check($1) }
        + laws(of: "interactions", InteractionStoreLaw.self) { try await $0.check($1) }
        + laws(of: "codes", AuthorizationCodeStoreLaw.self) { try await $0.check($1) }
        + laws(of: "grants", GrantStoreLaw.self) { try await $0.check($1) }
        + laws(of: "consents", ConsentStoreLaw.self) { try await $0.check($1) }
        + laws(of: "authenticators", TOTPKeyStoreLaw.self) { try await $0.check($1) }
        + laws(of: "recovery codes", RecoveryCodeStoreLaw.self) { try await $0.check($1) }
        + laws(of: "devices", RememberedDeviceStoreLaw.self) { try await $0.check($1) }
        + laws(of: "first factors", FirstFactorStoreLaw.self) { try await $0.check($1) }
        + laws(of: "passkeys", PasskeyStoreLaw.self) { try await $0.check($1) }
        + laws(of: "spent challenges", SpentChallengeStoreLaw.self) { try await $0.check($1) }
        + laws(of: "attempts", SignInAttemptStoreLaw.self) { try await $0.check($1) }
        + laws(of: "participations", ParticipationStoreLaw.self) { try await $0.check($1) }
        + laws(of: "mails", MailStoreLaw.self) { try await $0.check($1) }
        + laws(of: "proofs", ProofStoreLaw.self) { try await $0.check($1) }
        + laws(of: "audit", AuditStoreLaw.self) { try await $0.check($1) }
        + laws(of: "persons", PersonStoreLaw.self) { try await $0.check($1) }
        + laws(of: "recourses", RecourseStoreLaw.self) { try await $0.check($1) }
        + laws(of: "holds", AccountHoldStoreLaw.self) { try await $0.check($1) }
        + laws(of: "profiles", ProfileStoreLaw.self) { try await $0.check($1) }
        + laws(of: "memberships", MembershipStoreLaw.self) { try await $0.check($1) }
        + laws(of: "resources", ResourceStoreLaw.self) { try await $0.check($1) }
        + laws(of: "opaque tokens", OpaqueTokenStoreLaw.self) { try await $0.check($1) }
        + laws(of: "connectors", ConnectorStoreLaw.self) { try await $0.check($1) }
        + laws(of: "links", LinkedIdentityStoreLaw.self) { try await $0.check($1) }
        + laws(of: "upstream sessions", UpstreamSessionStoreLaw.self) { try await $0.check($1) }
        + laws(of: "pending identities", PendingIdentityStoreLaw.self) { try await $0.check($1) }
        + laws(of: "keys", SigningKeyStoreLaw.self) { try await $0.check($1) }
        + laws(of: "versions", VersionStoreLaw.self) { try await $0.check($1) }

    private static func laws<Law: CaseIterable & RawRepresentable<String> & Sendable>(
        of store: String, _: Law.Type, _ check: @escaping @Sendable (Law, Storage) async throws -> Void
    ) -> [StoreLaw] {
        Law.allCases.map { law in
            StoreLaw(testDescription: "\(store): \(law.rawValue)") { try await check(law, $0) }
        }
    }
}
