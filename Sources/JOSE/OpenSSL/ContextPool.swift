internal import COpenSSL
internal import Synchronization

/// Contexts of one key that are ready for one operation.
///
/// Making one costs allocations and a look-up of the algorithm, so they are kept. The lock is held for a push or a pop,
/// never while computing: threads do not wait for each other.
final class ContextPool: Sendable {
    private let key: EVPKey
    private let prepare: @Sendable (OpaquePointer) -> Bool
    private let idle = Mutex<[KeyContext]>([])
    private let most: Int

    /// How many are kept of the key of this process.
    static let usual = 32

    /// `prepare` makes a new context ready, and answers whether it is; so many are kept at `most`.
    init(_ key: EVPKey, keeping most: Int = ContextPool.usual, prepare: @escaping @Sendable (OpaquePointer) -> Bool) {
        self.key = key
        self.most = most
        self.prepare = prepare
    }

    func withContext<Result>(_ body: (OpaquePointer) -> Result) throws(JOSEError) -> Result {
        let kept = idle.withLock { $0.popLast() }
        let context = if let kept { kept } else { try make() }
        defer { idle.withLock { if $0.count < most { $0.append(context) } } }
        return body(context.pointer)
    }

    private func make() throws(JOSEError) -> KeyContext {
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, key.properties))
        guard prepare(context.pointer) else { throw OpenSSLErrors.clear(.libraryFailure) }
        return context
    }
}
