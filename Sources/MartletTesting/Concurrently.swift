/// Runs a body so many times at once and gives back what each run gave, in no order.
public func concurrently<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable () async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: Value.self) { group in
        for _ in 0..<count {
            group.addTask { try await body() }
        }
        var values: [Value] = []
        for try await value in group { values.append(value) }
        return values
    }
}
