import MartletTesting
import Stores
import Testing

/// Each store here is broken on purpose, and the law must record an issue.
///
/// The known issues are the proof that it does: a law that records none fails its test. None stands for work that is left.
@Suite("Every law notices the store that breaks it")
struct BrokenStoreTests {
    /// Fails unless the law records an issue.
    private func expectNotice(_ check: () async throws -> Void) async {
        await withKnownIssue("the store is broken on purpose: the law must notice", check)
    }

    @Test(arguments: CodeFault.allCases)
    func codes(_ fault: CodeFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.codes, by: BrokenCodes(base: storage.codes, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: GrantFault.allCases)
    func grants(_ fault: GrantFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.grants, by: BrokenGrants(base: storage.grants, users: storage.users, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: InteractionFault.allCases)
    func interactions(_ fault: InteractionFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.interactions, by: BrokenInteractions(base: storage.interactions, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: SessionFault.allCases)
    func sessions(_ fault: SessionFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.sessions, by: BrokenSessions(base: storage.sessions, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: UserFault.allCases)
    func users(_ fault: UserFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.users,
            by: BrokenUsers(
                base: storage.users, fault: fault, keys: storage.secondFactors.authenticators))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ClientFault.allCases)
    func clients(_ fault: ClientFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.clients, by: BrokenClients(base: storage.clients, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: AttemptFault.allCases)
    func attempts(_ fault: AttemptFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.attempts, by: BrokenAttempts(base: storage.attempts, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: AuditFault.allCases)
    func audit(_ fault: AuditFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.audit, by: BrokenAudit(base: storage.audit, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: PersonFault.allCases)
    func persons(_ fault: PersonFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.persons, by: BrokenPersons(base: storage.persons, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ProfileFault.allCases)
    func profiles(_ fault: ProfileFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.profiles, by: BrokenProfiles(base: storage.profiles, users: storage.users, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ResourceFault.allCases)
    func resources(_ fault: ResourceFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.resources, by: BrokenResources(base: storage.resources, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: OpaqueTokenFault.allCases)
    func opaqueTokens(_ fault: OpaqueTokenFault) async throws {
        let storage = Storage.inMemory()
        let attic = Storage.inMemory().opaqueTokens
        let broken = storage.replacing(
            \.opaqueTokens, by: BrokenOpaqueTokens(base: storage.opaqueTokens, attic: attic, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: MembershipFault.allCases)
    func memberships(_ fault: MembershipFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.memberships, by: BrokenMemberships(base: storage.memberships, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ConsentFault.allCases)
    func consents(_ fault: ConsentFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.consents, by: BrokenConsents(base: storage.consents, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: KeyFault.allCases)
    func keys(_ fault: KeyFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.keys, by: BrokenKeys(base: storage.keys, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: MailFault.allCases)
    func mails(_ fault: MailFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.mails, by: BrokenMails(base: storage.mails, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ParticipationFault.allCases)
    func participations(_ fault: ParticipationFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.participations, by: BrokenParticipations(base: storage.participations, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ParticipationFault.ofTheList)
    func participationsThatDoNotEnd(_ law: ParticipationStoreLaw, _ name: String) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.participations, by: BrokenParticipations(base: storage.participations, forgotten: name))
        await expectNotice { try await law.check(broken) }
    }

    @Test(arguments: ProofFault.allCases)
    func proofs(_ fault: ProofFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.proofs, by: BrokenProofs(base: storage.proofs, users: storage.users, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: RecourseFault.allCases)
    func recourses(_ fault: RecourseFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.recourses, by: BrokenRecourses(base: storage.recourses, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: AccountHoldFault.allCases)
    func holds(_ fault: AccountHoldFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.holds, by: BrokenAccountHolds(base: storage.holds, persons: storage.persons, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: TOTPKeyFault.allCases)
    func authenticators(_ fault: TOTPKeyFault) async throws {
        let storage = Storage.inMemory()
        let factors = storage.secondFactors
        let broken = storage.replacing(
            \.secondFactors.authenticators,
            by: BrokenTOTPKeys(base: factors.authenticators, codes: factors.recoveryCodes, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: RecoveryCodeFault.allCases)
    func recoveryCodes(_ fault: RecoveryCodeFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.secondFactors.recoveryCodes,
            by: BrokenRecoveryCodes(base: storage.secondFactors.recoveryCodes, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: RememberedDeviceFault.allCases)
    func devices(_ fault: RememberedDeviceFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.secondFactors.devices, by: BrokenDevices(base: storage.secondFactors.devices, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: FirstFactorFault.allCases)
    func firstFactors(_ fault: FirstFactorFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.secondFactors.firstFactors,
            by: BrokenFirstFactors(base: storage.secondFactors.firstFactors, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: ConnectorFault.allCases)
    func connectors(_ fault: ConnectorFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.connectors,
            by: BrokenConnectors(
                base: storage.connectors, links: storage.links, memberships: storage.memberships, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: LinkFault.allCases)
    func links(_ fault: LinkFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(\.links, by: BrokenLinks(storage: storage, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: UpstreamSessionFault.allCases)
    func upstreamSessions(_ fault: UpstreamSessionFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.upstreamSessions, by: BrokenUpstreamSessions(base: storage.upstreamSessions, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: PendingIdentityFault.allCases)
    func pendingIdentities(_ fault: PendingIdentityFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.pendingIdentities, by: BrokenPendingIdentities(base: storage.pendingIdentities, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: PasskeyFault.allCases)
    func passkeys(_ fault: PasskeyFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.secondFactors.passkeys,
            by: BrokenPasskeys(base: storage.secondFactors.passkeys, storage: storage, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test(arguments: SpentChallengeFault.allCases)
    func spentChallenges(_ fault: SpentChallengeFault) async throws {
        let storage = Storage.inMemory()
        let broken = storage.replacing(
            \.secondFactors.spentChallenges,
            by: BrokenSpentChallenges(base: storage.secondFactors.spentChallenges, fault: fault))
        await expectNotice { try await fault.law.check(broken) }
    }

    @Test func versions() async throws {
        let broken = Storage.inMemory().replacing(\.versions, by: BrokenVersions())
        await expectNotice { try await VersionStoreLaw.growsWithEveryChange.check(broken) }
    }
}
