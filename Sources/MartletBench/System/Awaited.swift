import Glibc
import Synchronization

/// Asynchronous work for a thread that may block.
enum Awaited {
    /// Runs work on a thread of the runtime and waits for it.
    ///
    /// The first such threads stay on the processors that this thread may use now.
    static func value<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Outcome<Value>()
        Task.detached {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            outcome.set(result)
        }
        return try outcome.wait().get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let result = Mutex<Result<Value, any Error>?>(nil)

        func set(_ result: Result<Value, any Error>) { self.result.withLock { $0 = result } }

        /// Looks every millisecond: what is measured takes a thousand times that.
        func wait() -> Result<Value, any Error> {
            while true {
                if let result = result.withLock({ $0 }) { return result }
                usleep(1000)
            }
        }
    }
}
