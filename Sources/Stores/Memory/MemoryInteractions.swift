import OAuthTypes

struct MemoryInteractions: InteractionStore {
    let memory: Memory

    func insert(_ interaction: Interaction) async throws {
        try await memory.access { tables in
            guard tables.interactions[interaction.digest] == nil else {
                throw StorageError.conflict(table: "interactions")
            }
            tables.interactions[interaction.digest] = interaction
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction? {
        await memory.access { tables in
            guard let interaction = tables.interactions[digest], now < interaction.expiresAt else { return nil }
            return interaction
        }
    }

    func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        await change(digest, at: now) { $0.sessionID = session }
    }

    func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        await change(digest, at: now) { $0.finishedAt = now }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.interactions.sweep(limit: limit) { $0.expiresAt <= now } }
    }

    private func change(
        _ digest: TokenDigest, at now: Timestamp, _ step: @Sendable (inout Interaction) -> Void
    ) async -> Bool {
        await memory.access { tables in
            guard var interaction = tables.interactions[digest], interaction.finishedAt == nil,
                now < interaction.expiresAt
            else { return false }
            step(&interaction)
            tables.interactions[digest] = interaction
            return true
        }
    }
}
