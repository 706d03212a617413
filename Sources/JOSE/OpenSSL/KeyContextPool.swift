internal import COpenSSL
internal import Synchronization

/// Contexts of one key that are ready to sign or to verify.
///
/// Making one costs allocations and a look-up of the algorithm, so they are kept. The lock is held for a push or a pop,
/// never while signing: threads do not wait for each other.
final class KeyContextPool: Sendable {
    enum Operation: Sendable {
        case sign, verify
    }

    private let key: EVPKey
    private let operation: Operation
    private let idle = Mutex<[KeyContext]>([])
    private static let most = 32

    init(_ key: EVPKey, for operation: Operation) {
        self.key = key
        self.operation = operation
    }

    func withContext<Result>(_ body: (OpaquePointer) -> Result) throws(JOSEError) -> Result {
        let kept = idle.withLock { $0.popLast() }
        let context = if let kept { kept } else { try make() }
        defer { idle.withLock { if $0.count < Self.most { $0.append(context) } } }
        return body(context.pointer)
    }

    private func make() throws(JOSEError) -> KeyContext {
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil))
        let status =
            switch operation {
            case .sign: EVP_PKEY_sign_init(context.pointer)
            case .verify: EVP_PKEY_verify_init(context.pointer)
            }
        guard status == 1 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return context
    }
}
