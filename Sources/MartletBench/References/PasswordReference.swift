import CArgon2
import CSQLite
import Synchronization

/// Argon2id alone: verifies the very hash that the server made of the person's password, so at the same cost.
struct PasswordReference {
    private let hash: String
    private let password: String

    /// Reads the hash out of the server's database.
    init(database path: String, email: String, password: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY, nil) == SQLITE_OK, let connection = opened else {
            throw BenchFailure("SQLite does not open \(path)")
        }
        defer { sqlite3_close_v2(connection) }
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        let query = "SELECT password_hash FROM users WHERE email = '\(email)'"
        guard sqlite3_prepare_v2(connection, query, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0)
        else { throw BenchFailure("the person's password hash is not where it was") }
        hash = String(cString: text)
        self.password = password
    }

    /// The cost, such as `m=65536,t=3,p=2`.
    var cost: String { hash.split(separator: "$").dropFirst(2).first.map(String.init) ?? "" }

    /// Verifications a second, so many at a time.
    func perSecond(workers: Int, seconds: Double) throws -> Double {
        let start = Monotonic.now
        let end = start + UInt64(seconds * 1e9)
        let done = Atomic(0)
        let failures = Atomic(0)
        // The last verification of each worker ends after `end`: all of them count, up to the moment of the last.
        try withoutActuallyEscaping({ @Sendable in
            while Monotonic.now < end {
                if argon2id_verify(hash, password, password.utf8.count) == ARGON2_OK.rawValue {
                    done.add(1, ordering: .relaxed)
                } else {
                    failures.add(1, ordering: .relaxed)
                }
            }
        }) { work in
            let threads = try (0..<workers).map { _ in try Thread(work) }
            for thread in threads { thread.join() }
        }
        guard failures.load(ordering: .relaxed) == 0 else { throw BenchFailure("Argon2 refuses the person's hash") }
        return Double(done.load(ordering: .relaxed)) / Monotonic.seconds(since: start)
    }
}
