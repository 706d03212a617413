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

    func tellings(of user: UserID) async throws -> [ProfileTelling] {
        await memory.access { tables in
            (tables.tellings[user] ?? [:]).values.sorted { $0.source.utf8.lexicographicallyPrecedes($1.source.utf8) }
        }
    }

    func tell(_ telling: ProfileTelling, changing change: ProfileChange?) async throws -> Bool {
        await memory.access { tables in
            let id = telling.userID
            guard let user = tables.accounts[id]?.user else { return false }
            if let change {
                guard user.disabledAt == nil, user.updatedAt == change.since else { return false }
                tables.accounts[id]?.user.name = change.name
                tables.accounts[id]?.user.updatedAt = telling.toldAt
                tables.profiles[id] = change.details
            }
            tables.tellings[id, default: [:]][telling.source] = telling
            return true
        }
    }
}
