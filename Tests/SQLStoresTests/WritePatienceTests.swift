import Reactor
import Stores
import Testing

@testable import SQLStores

/// Whoever would have to wait for long in a store's queue is told at once.
@Suite("Waiting for a store")
struct WritePatienceTests {
    private static let start = Deadline(nanoseconds: 1_000_000_000_000)

    private static func later(_ duration: Duration) -> Deadline {
        start.advanced(byNanoseconds: Deadline.nanoseconds(of: duration))
    }

    /// What becomes of a write that is asked for so much later than all that wait; none is ever done.
    private func refusal(behind count: Int, after duration: Duration) async throws -> StorageError? {
        let queue = SQLiteWriteQueue(capacity: 1000, patience: .seconds(1))
        var refusal: StorageError?
        for number in 0...count {
            let moment = number < count ? Self.start : Self.later(duration)
            // The answer is given here, whether the queue takes the write or not.
            let result = await withUnsafeContinuation { continuation in
                let job = SQLiteWriter.Job(
                    write: SQLiteWrite(commands: [], condition: nil), since: moment, continuation: continuation)
                do throws(StorageError) {
                    try queue.append(job)
                    continuation.resume(returning: .success([]))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if case .failure(let error) = result { refusal = error }
        }
        return refusal
    }

    @Test func nobodyQueuesBehindAWriteThatHasWaitedForLong() async throws {
        #expect(try await refusal(behind: 300, after: .milliseconds(1001)) == .busy)
        #expect(try await refusal(behind: 300, after: .milliseconds(1000)) == nil)
    }

    @Test func whatTheNextTransactionTakesIsNeverRefused() async throws {
        #expect(try await refusal(behind: SQLiteWriterThread.batchLimit, after: .seconds(60)) == .busy)
        #expect(try await refusal(behind: SQLiteWriterThread.batchLimit - 1, after: .seconds(60)) == nil)
    }

    /// The same with a lane of PostgreSQL.
    private func takes(behind count: Int, after duration: Duration) async -> Bool {
        let lane = PostgreSQLLane(limit: 1, depth: 1)
        var takes = true
        for number in 0...count {
            let moment = number < count ? Self.start : Self.later(duration)
            let result = await withUnsafeContinuation { continuation in
                let job = PostgreSQLJob(
                    work: .write([]), since: moment, deadline: .never, latestStart: .never,
                    latestCompany: Self.later(.seconds(1)), continuation: continuation)
                takes = lane.takes(job)
                if takes { lane.waiting.append(job) }
                continuation.resume(returning: .success([]))
            }
            _ = try? result.get()
        }
        return takes
    }

    @Test func nobodyQueuesForAConnectionBehindAJobThatHasWaitedForLong() async {
        #expect(await !takes(behind: 300, after: .milliseconds(1001)))
        #expect(await takes(behind: 300, after: .milliseconds(1000)))
        #expect(await takes(behind: 255, after: .seconds(60)))
    }
}
