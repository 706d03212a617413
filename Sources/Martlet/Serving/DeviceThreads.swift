import AuthorizationServer
import JOSE
import Observability
import Reactor
import Synchronization

/// Asks key devices on threads of their own: a good one takes milliseconds, a broken one seconds.
///
/// The threads start with the first question; most servers ask none.
final class DeviceThreads: DeviceSigning {
    private struct State {
        var pool: WorkerPool?
        var isFailing = false
    }

    /// Blocks; throws `KeyDeviceError`.
    private let ask: @Sendable ([UInt8], DeviceKey) throws -> [UInt8]
    /// Nil for tools.
    private let log: Log?
    private let state = Mutex(State())

    /// A device signs for several at a time, and one on the network has time to wait for it.
    static let threads = 4
    /// With a millisecond for a signature a tenth of a second; whoever waits longer had better come again.
    static let queueLimit = 256

    convenience init(_ devices: KeyDevices, log: Log? = nil) {
        self.init(log: log) { message, key in try devices.sign(message, with: key) }
    }

    init(log: Log? = nil, ask: @escaping @Sendable ([UInt8], DeviceKey) throws -> [UInt8]) {
        self.log = log
        self.ask = ask
    }

    func sign(_ message: [UInt8], with key: DeviceKey) async throws -> [UInt8] {
        let signature: [UInt8]
        do {
            signature = try await pool().run { [ask] in try ask(message, key) }
        } catch let error as KeyDeviceError {
            note(error, key)
            throw error
        } catch is WorkerPoolError {
            throw KeyDeviceError.busy
        }
        note(nil, key)
        return signature
    }

    func prepare(_ key: DeviceKey) async throws {
        // Half of the queue is for those who have spent something since they asked.
        guard try pool().waiting < DeviceThreads.queueLimit / 2 else { throw KeyDeviceError.busy }
        guard state.withLock({ $0.isFailing }) else { return }
        _ = try await sign(Array("martlet tries a key".utf8), with: key)
    }

    /// Ends the threads, if there are any.
    func stop() async {
        await state.withLock { $0.pool }?.stop()
    }

    private func pool() throws -> WorkerPool {
        try state.withLock { state in
            if let pool = state.pool { return pool }
            let pool = try WorkerPool(
                name: "devices", threads: DeviceThreads.threads, queueLimit: DeviceThreads.queueLimit)
            state.pool = pool
            return pool
        }
    }

    private func note(_ error: KeyDeviceError?, _ key: DeviceKey) {
        let isNew = state.withLock { state in
            defer { state.isFailing = error != nil }
            return state.isFailing != (error != nil)
        }
        guard isNew, let log else { return }
        if let error {
            log.error("device.failing", .harmless("kid", key.keyID), .error(error))
        } else {
            log.info("device.recovered", .harmless("kid", key.keyID))
        }
    }
}
