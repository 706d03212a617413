internal import COpenSSL
internal import Glibc
internal import Synchronization

/// The PKCS #11 engine of libp11, ready for work: what reaches tokens where no provider does.
///
/// Unchecked: the pointer never changes, and the engine locks what its threads share.
final class KeyEngine: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Whether the engine has left the token: until then a new one would share what it knows.
    let hasEnded = Flag()

    /// Goes up once.
    final class Flag: Sendable {
        private let isUp = Atomic(false)
        func raise() { isUp.store(true, ordering: .releasing) }
        var isRaised: Bool { isUp.load(ordering: .acquiring) }
    }

    /// Starts the engine, with the module that drives the token or all that p11-kit knows.
    ///
    /// Throws `noProvider`, `noModule`.
    init(module: String?) throws(KeyDeviceError) {
        guard let pointer = KeyEngine.loaded else {
            OpenSSLErrors.clear()
            throw .noProvider
        }
        // The engine would write to the standard error why it cannot load it.
        if let module, !KeyEngine.canLoad(module) { throw .noModule }
        ENGINE_ctrl_cmd_string(pointer, "QUIET", nil, 0)
        if let module { ENGINE_ctrl_cmd_string(pointer, "MODULE_PATH", module, 0) }
        guard ENGINE_init(pointer) == 1 else {
            OpenSSLErrors.clear()
            throw .noModule
        }
        OpenSSLErrors.clear()
        self.pointer = pointer
    }

    /// With the last key gone, this leaves the token and lets go of the module.
    deinit {
        ENGINE_finish(pointer)
        OpenSSLErrors.clear()
        hasEnded.raise()
    }

    /// The private key; on nil the queue of errors says why.
    func load(_ uri: KeyURI, _ question: UnsafeMutablePointer<PINQuestion>) -> OpaquePointer? {
        ENGINE_load_private_key(pointer, uri.text, PINQuestion.method, question)
    }
}

extension KeyEngine {
    /// The engine, loaded at the first use; nil where it is not installed.
    ///
    /// It stands in no list of libcrypto's. Whoever has all listed engines registered, as libcurl does when it starts, makes
    /// them the default for every EC and RSA key of the process, and this one cannot even generate such keys.
    ///
    /// Never unloaded. Unsafe: the pointer never changes, and libcrypto locks what stands behind it.
    private nonisolated(unsafe) static let loaded: OpaquePointer? = {
        // Where ENGINE_by_id looks, which would put it into the list.
        let named = getenv("OPENSSL_ENGINES").map { UnsafePointer($0) }
        guard let folder = named ?? OPENSSL_info(OPENSSL_INFO_ENGINES_DIR),
            let engine = ENGINE_by_id("dynamic")
        else { return nil }
        let isLoaded =
            ENGINE_ctrl_cmd_string(engine, "ID", "pkcs11", 0) == 1
            && ENGINE_ctrl_cmd_string(engine, "LIST_ADD", "0", 0) == 1
            // 2: from the folder alone, never from where the linker looks.
            && ENGINE_ctrl_cmd_string(engine, "DIR_LOAD", "2", 0) == 1
            && ENGINE_ctrl_cmd_string(engine, "DIR_ADD", folder, 0) == 1
            && ENGINE_ctrl_cmd_string(engine, "LOAD", nil, 0) == 1
        guard isLoaded else {
            ENGINE_free(engine)
            return nil
        }
        return engine
    }()

    private static func canLoad(_ module: String) -> Bool {
        guard let module = dlopen(module, RTLD_LAZY | RTLD_LOCAL) else { return false }
        dlclose(module)
        return true
    }
}
