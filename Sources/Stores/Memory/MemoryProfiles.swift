import OAuthTypes

struct MemoryProfiles: ProfileStore {
    let memory: Memory

    func find(_ user: UserID) async throws -> ProfileDetails? {
        await memory.access { $0.profiles[user] }
    }

    func replace(_ details: ProfileDetails, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let account = tables.accounts[details.userID], account.user.disabledAt == nil else { return false }
            tables.accounts[details.userID]?.user.updatedAt = now
            tables.profiles[details.userID] = details
            return true
        }
    }
}
