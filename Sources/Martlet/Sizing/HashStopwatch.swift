import Identity
import Reactor

/// Measures how long a password hash takes while nothing else runs.
struct HashStopwatch: Sendable {
    /// How many are measured; the fastest counts, as whatever else the machine does can only add to the time.
    private static let repetitions = 5

    /// The time of a hash of such a cost.
    func measure(_ parameters: Argon2Parameters) async throws -> Duration {
        let pool = try WorkerPool(name: "hash", threads: 1, queueLimit: 1)
        do {
            let hasher = try PasswordHasher(pool: pool, parameters: parameters)
            guard let password = Password("a password of usual length") else { return .zero }
            var times: [Duration] = []
            for _ in 0..<Self.repetitions {
                let started = Deadline.now
                _ = try await hasher.hash(password)
                times.append(.nanoseconds(Int64(clamping: Deadline.now.nanoseconds - started.nanoseconds)))
            }
            await pool.stop()
            return times.min() ?? .zero
        } catch {
            await pool.stop()
            throw error
        }
    }
}
