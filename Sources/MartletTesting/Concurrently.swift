/// Runs an operation many times at once and answers every outcome.
public func concurrently<Outcome: Sendable>(
    _ count: Int, _ operation: @escaping @Sendable () async throws -> Outcome
) async throws -> [Outcome] {
    try await withThrowingTaskGroup(of: Outcome.self) { group in
        for _ in 0..<count { group.addTask { try await operation() } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
