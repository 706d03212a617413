import Glibc
import JOSE
import Synchronization
import Testing

@testable import Martlet

@Suite("Threads that ask key devices")
struct DeviceThreadsTests {
    private let key: DeviceKey

    init() throws {
        key = try DeviceKey(KeyURI("pkcs11:token=fake;object=first"), publicKey: SigningKey.generate().publicKey)
    }

    @Test func afterAFailureTheDeviceIsAskedBeforeAnythingIsSpent() async throws {
        let failure = Mutex<KeyDeviceError?>(nil)
        let asked = Atomic(0)
        let threads = DeviceThreads { message, _ in
            asked.add(1, ordering: .relaxed)
            if let failure = failure.withLock({ $0 }) { throw failure }
            return message
        }
        try await threads.prepare(key)
        #expect(asked.load(ordering: .relaxed) == 0)
        #expect(try await threads.sign([1, 2], with: key) == [1, 2])
        failure.withLock { $0 = .noKey }
        // Nobody knows yet.
        try await threads.prepare(key)
        await #expect(throws: KeyDeviceError.noKey) { try await threads.sign([1], with: key) }
        await #expect(throws: KeyDeviceError.noKey) { try await threads.prepare(key) }
        failure.withLock { $0 = nil }
        try await threads.prepare(key)
        let before = asked.load(ordering: .relaxed)
        try await threads.prepare(key)
        #expect(asked.load(ordering: .relaxed) == before)
        await threads.stop()
    }

    @Test func aLongQueueTakesNothingNewAndAFullOneNothingAtAll() async throws {
        let begun = Atomic(0)
        let isOpen = Atomic(false)
        let threads = DeviceThreads { message, _ in
            begun.add(1, ordering: .relaxed)
            while !isOpen.load(ordering: .acquiring) { usleep(1000) }
            return message
        }
        let most = DeviceThreads.threads + DeviceThreads.queueLimit
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            // As many as there is room for, and one more: it is the only one that is refused.
            for _ in 0...most {
                tasks.addTask {
                    do { return try await threads.sign([1], with: key) == [1] } catch KeyDeviceError.busy {
                        return false
                    }
                }
            }
            #expect(try await tasks.next() == false)
            await #expect(throws: KeyDeviceError.busy) { try await threads.prepare(key) }
            isOpen.store(true, ordering: .releasing)
            var done = 0
            for try await isSigned in tasks where isSigned { done += 1 }
            #expect(done == most)
        }
        try await threads.prepare(key)
        await threads.stop()
        #expect(begun.load(ordering: .relaxed) == most)
    }
}
