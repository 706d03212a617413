/// Stores that keep everything in the memory of one process: for tests and trials.
///
/// They obey the same laws as the durable ones. All share one state, so that a cascade crosses stores in one step.
public enum MemoryStorage {
    /// A fresh, empty set of stores.
    public static func make() -> Storage {
        let memory = Memory()
        return Storage(
            clients: MemoryClients(memory: memory),
            users: MemoryUsers(memory: memory),
            sessions: MemorySessions(memory: memory),
            interactions: MemoryInteractions(memory: memory),
            codes: MemoryCodes(memory: memory),
            grants: MemoryGrants(memory: memory),
            consents: MemoryConsents(memory: memory),
            secondFactors: SecondFactorStores(
                authenticators: MemoryTOTPKeys(memory: memory), recoveryCodes: MemoryRecoveryCodes(memory: memory),
                devices: MemoryRememberedDevices(memory: memory), firstFactors: MemoryFirstFactors(memory: memory),
                passkeys: MemoryPasskeys(memory: memory), spentChallenges: MemorySpentChallenges(memory: memory)),
            attempts: MemorySignInAttempts(memory: memory),
            participations: MemoryParticipations(memory: memory),
            mails: MemoryMails(memory: memory),
            proofs: MemoryProofs(memory: memory),
            audit: MemoryAudit(memory: memory),
            persons: MemoryPersons(memory: memory),
            recourses: MemoryRecourses(memory: memory),
            holds: MemoryAccountHolds(memory: memory),
            profiles: MemoryProfiles(memory: memory),
            memberships: MemoryMemberships(memory: memory), opaqueTokens: MemoryOpaqueTokens(memory: memory),
            resources: MemoryResources(memory: memory),
            connectors: MemoryConnectors(memory: memory),
            links: MemoryLinkedIdentities(memory: memory),
            upstreamSessions: MemoryUpstreamSessions(memory: memory),
            pendingIdentities: MemoryPendingIdentities(memory: memory),
            keys: MemorySigningKeys(memory: memory),
            versions: MemoryVersions(memory: memory)
        )
    }
}

extension Storage {
    /// A fresh, empty set of stores in memory.
    public static func inMemory() -> Storage { MemoryStorage.make() }
}

/// The one state: every operation is a single step to all others.
actor Memory {
    private var tables = MemoryTables()

    func access<Result: Sendable>(_ body: @Sendable (inout MemoryTables) throws -> Result) rethrows -> Result {
        try body(&tables)
    }
}

struct MemoryVersions: VersionStore {
    let memory: Memory

    func current() async throws -> Int64 { await memory.access { $0.version } }
}
