internal import COpenSSL
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

    /// Loads the engine, with the module that drives the token or all that p11-kit knows.
    ///
    /// Throws `noProvider`, `noModule`.
    init(module: String?) throws(KeyDeviceError) {
        guard let pointer = ENGINE_by_id("pkcs11") else {
            OpenSSLErrors.clear()
            throw .noProvider
        }
        // It would write to the standard error.
        ENGINE_ctrl_cmd_string(pointer, "QUIET", nil, 0)
        if let module { ENGINE_ctrl_cmd_string(pointer, "MODULE_PATH", module, 0) }
        guard ENGINE_init(pointer) == 1 else {
            ENGINE_free(pointer)
            OpenSSLErrors.clear()
            throw .noModule
        }
        OpenSSLErrors.clear()
        self.pointer = pointer
    }

    /// With the last key gone, this leaves the token and lets go of the module.
    deinit {
        ENGINE_finish(pointer)
        ENGINE_free(pointer)
        OpenSSLErrors.clear()
        hasEnded.raise()
    }

    /// The private key; on nil the queue of errors says why.
    func load(_ uri: KeyURI, _ question: UnsafeMutablePointer<PINQuestion>) -> OpaquePointer? {
        ENGINE_load_private_key(pointer, uri.text, PINQuestion.method, question)
    }
}
