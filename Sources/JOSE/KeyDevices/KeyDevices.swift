internal import COpenSSL
internal import Synchronization

/// The devices that keep keys, as libcrypto reaches them: by a provider that is configured, or by the PKCS #11 engine.
///
/// Its functions block as long as the device takes, so they run on threads of their own. A key stays open. When a device
/// fails, everything is closed and opened anew once, and then after a pause at the earliest. The PIN is given away twice in
/// a row without a success at most, and never again after it was refused: a few wrong ones lock a device for good.
public final class KeyDevices: Sendable {
    private struct Name: Hashable {
        let uri: KeyURI
        let algorithm: SignatureAlgorithm
    }

    private struct State {
        var keys: [Name: OpenDeviceKey] = [:]
        var engine: KeyEngine?
        /// The last engine that was given up; somebody may still be at work with it.
        var former: KeyEngine.Flag?
        /// PINs given away since the last success.
        var tries = 0
        /// Holds until the end of the process.
        var refusal: KeyDeviceError?
        var failure: (error: KeyDeviceError, at: ContinuousClock.Instant)?
    }

    private let module: String?
    private let pin: Secret?
    private let pause: Duration
    private let state = Mutex(State())
    /// One opens at a time, which may take long; the others sign meanwhile.
    private let opening = Mutex(())

    private static let mostTries = 2

    /// `module` drives PKCS #11 tokens; without one the engine takes all that p11-kit knows.
    ///
    /// The same PIN goes to every device that asks. After a failure nothing is tried for a `pause`.
    public init(module: String? = nil, pin: Secret? = nil, pause: Duration = .seconds(1)) {
        self.module = module
        self.pin = pin
        self.pause = pause
    }

    /// The key of that name, after it has signed something; an RSA key signs with `algorithm` or else RS256.
    public func find(
        _ uri: KeyURI, for algorithm: SignatureAlgorithm? = nil
    ) throws(KeyDeviceError) -> DeviceKey {
        let publicKey = try opening.withLock { _ throws(KeyDeviceError) in try open(uri, algorithm).publicKey }
        do { return try DeviceKey(uri, publicKey: publicKey) } catch { throw .unfit }
    }

    /// The signature of a message, in the form that JWS uses.
    public func sign(_ message: [UInt8], with key: DeviceKey) throws(KeyDeviceError) -> [UInt8] {
        let name = Name(uri: key.uri, algorithm: key.algorithm)
        // A token that was taken out and put back needs a fresh start.
        if let known = try known(name), let signature = try? sign(message, name, with: known) { return signature }
        return try signAnew(message, name, as: key.publicKey)
    }

    private func signAnew(
        _ message: [UInt8], _ name: Name, as publicKey: PublicKey
    ) throws(KeyDeviceError) -> [UInt8] {
        let key = try opened(name, as: publicKey)
        do throws(KeyDeviceError) {
            return try sign(message, name, with: key)
        } catch {
            note(error)
            throw error
        }
    }

    /// What fails is given up.
    private func sign(
        _ message: [UInt8], _ name: Name, with key: OpenDeviceKey
    ) throws(KeyDeviceError) -> [UInt8] {
        do throws(KeyDeviceError) {
            return try key.sign(message)
        } catch {
            giveUp(name, key)
            throw error
        }
    }

    private func known(_ name: Name) throws(KeyDeviceError) -> OpenDeviceKey? {
        try state.withLock { state throws(KeyDeviceError) in
            // What is open goes on: the PIN may be that of another device.
            if let key = state.keys[name] { return key }
            if let refusal = state.refusal { throw refusal }
            return nil
        }
    }

    private func opened(_ name: Name, as publicKey: PublicKey) throws(KeyDeviceError) -> OpenDeviceKey {
        try opening.withLock { _ throws(KeyDeviceError) in
            // Somebody may have been faster.
            if let known = try known(name) { return known }
            if let failure = state.withLock({ $0.failure }), failure.at.duration(to: .now) < pause {
                throw failure.error
            }
            let key: OpenDeviceKey
            do throws(KeyDeviceError) {
                key = try open(name.uri, name.algorithm)
                guard key.publicKey.thumbprint == publicKey.thumbprint else { throw .otherKey }
            } catch {
                note(error)
                throw error
            }
            state.withLock { state in
                state.keys[name] = key
                state.failure = nil
            }
            return key
        }
    }

    private func note(_ error: KeyDeviceError) {
        state.withLock { state in
            state.failure = (error, .now)
            if error == .pinRefused { state.refusal = error }
        }
    }

    /// Closes everything, as soon as nobody is at work with it any more.
    private func giveUp(_ name: Name, _ key: OpenDeviceKey) {
        let closed = state.withLock { state -> [OpenDeviceKey] in
            guard state.keys[name] === key else { return [] }
            let closed = Array(state.keys.values)
            state.keys = [:]
            state.former = state.engine?.hasEnded
            state.engine = nil
            return closed
        }
        // Outside of the lock: to leave a token takes its time.
        withExtendedLifetime(closed) {}
    }
}

extension KeyDevices {
    private func open(_ uri: KeyURI, _ algorithm: SignatureAlgorithm?) throws(KeyDeviceError) -> OpenDeviceKey {
        try state.withLock { state throws(KeyDeviceError) in
            if let refusal = state.refusal { throw refusal }
            guard pin == nil || state.tries < KeyDevices.mostTries else { throw .pinRefused }
        }
        var question = PINQuestion(pin: pin)
        OpenSSLErrors.clear()
        do throws(KeyDeviceError) {
            let key = try load(uri, &question)
            let open = try OpenDeviceKey(key, for: algorithm, question)
            state.withLock { $0.tries = 0 }
            return open
        } catch {
            state.withLock { state in
                if question.isAsked { state.tries += 1 }
                if error == .pinRefused { state.refusal = error }
                // An engine sees new tokens when it starts alone.
                guard state.keys.isEmpty else { return }
                state.former = state.engine?.hasEnded ?? state.former
                state.engine = nil
            }
            throw error
        }
    }

    private func load(_ uri: KeyURI, _ question: inout PINQuestion) throws(KeyDeviceError) -> EVPKey {
        switch KeyStoreLoader.load(uri, &question) {
        case .key(let key): return EVPKey(inDevice: key, of: nil)
        case .failure(let errors): throw KeyDeviceError(errors, question)
        case .unknownScheme:
            guard uri.isPKCS11 else { throw .noProvider }
            let engine = try engine()
            guard let key = engine.load(uri, &question) else {
                throw KeyDeviceError(OpenSSLErrors.take(), question)
            }
            OpenSSLErrors.clear()
            return EVPKey(inDevice: key, of: engine)
        }
    }

    private func engine() throws(KeyDeviceError) -> KeyEngine {
        let (engine, former) = state.withLock { ($0.engine, $0.former) }
        if let engine { return engine }
        if let former, !former.isRaised { throw .failing("it is being left") }
        let fresh = try KeyEngine(module: module)
        state.withLock { $0.engine = fresh }
        return fresh
    }
}
