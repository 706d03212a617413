import Glibc
import Identity
import Reactor
import Synchronization

extension Argon2Parameters {
    /// The least that Argon2 takes: these tests are about what is hashed, not about how dear it is.
    static let cheap = Argon2Parameters(memory: 64, passes: 1, lanes: 1)
}

/// A hasher on a pool of its own, for as long as the body runs.
func withHasher<Result: Sendable>(
    threads: Int = 2, queueLimit: Int = 100, _ body: (PasswordHasher, WorkerPool) async throws -> Result
) async throws -> Result {
    let pool = try WorkerPool(name: "hash", threads: threads, queueLimit: queueLimit)
    do {
        let result = try await body(try PasswordHasher(pool: pool, parameters: .cheap), pool)
        await pool.stop()
        return result
    } catch {
        await pool.stop()
        throw error
    }
}

/// Keeps the one thread of a pool without a queue busy while the body runs: work is refused meanwhile.
func keepingBusy(_ pool: WorkerPool, _ body: () async throws -> Void) async throws {
    let gate = Gate()
    async let running: Void = pool.run { gate.hold() }
    while !gate.isHeld.load(ordering: .acquiring) { await Task.yield() }
    do {
        try await body()
    } catch {
        gate.isOpen.store(true, ordering: .releasing)
        throw error
    }
    gate.isOpen.store(true, ordering: .releasing)
    try await running
}

/// Holds a thread until it is opened.
private final class Gate: Sendable {
    let isHeld = Atomic(false)
    let isOpen = Atomic(false)

    func hold() {
        isHeld.store(true, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { usleep(200) }
    }
}
