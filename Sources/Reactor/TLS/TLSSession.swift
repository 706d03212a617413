internal import COpenSSL

/// One TLS connection between its socket and the bytes that the program sees.
///
/// Confined to the loop of its connection, hence not Sendable.
final class TLSSession {
    private let session: OpaquePointer
    private let link: TLSLink
    /// What the callbacks of the session refer to.
    private let contexts: TLSContexts
    /// What OpenSSL waited for when reading last came to nothing: a change of keys makes a reader write.
    private(set) var readerAwaits = DescriptorSource.Direction.read
    private var hasFailed = false

    /// Session tickets of a listener that asks for certificates mean nothing to one that does not, and the reverse.
    private static let plainName: StaticString = "martlet"
    private static let askingName: StaticString = "martlet client certificate"

    init(
        _ server: TLSServer, over source: DescriptorSource, asking: ClientCertificateRequest
    ) throws(ConnectionError) {
        contexts = server.contexts
        link = TLSLink(source)
        guard let session = contexts.makeSession(), let bio = SocketBIO.make(link) else {
            throw .insecure(TLSErrorQueue.takeReason())
        }
        self.session = session
        SSL_set_bio(session, bio, bio)
        SSL_set_accept_state(session)
        let name = asking == .none ? Self.plainName : Self.askingName
        SSL_set_session_id_context(session, name.utf8Start, UInt32(name.utf8CodeUnitCount))
        if asking == .optional { SSL_set_verify(session, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, nil) }
    }

    deinit { SSL_free(session) }

    /// Goes on with the handshake: `nil` when it is done, else what it waits for.
    func handshake() throws(ConnectionError) -> DescriptorSource.Direction? {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        return result == 1 ? nil : try direction(after: result)
    }

    /// As `Connection.attemptRead`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionError) -> Int? {
        guard !hasFailed else { throw .closed }
        ERR_clear_error()
        let result = SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count))
        if result > 0 { return Int(result) }
        if SSL_get_error(session, result) == SSL_ERROR_ZERO_RETURN { return 0 }
        readerAwaits = try direction(after: result)
        return nil
    }

    /// As `Connection.attemptWrite`: record after record while the kernel takes them.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ConnectionError) -> Int? {
        guard !hasFailed else { throw .closed }
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            ERR_clear_error()
            let result = SSL_write(session, rest.baseAddress, Int32(clamping: rest.count))
            if result > 0 {
                written += Int(result)
            } else {
                // Without renegotiation nothing but the socket can hold a writer up.
                guard try direction(after: result) == .write else { throw .insecure("a write that waits for bytes") }
                return written > 0 ? written : nil
            }
        }
        return written
    }

    /// Whether bytes are here that the socket no longer has.
    var hasBytes: Bool { SSL_has_pending(session) == 1 }

    /// Says goodbye, so that the peer knows that nothing was cut off: RFC 8446 §6.1.
    func sendCloseNotify() {
        guard !hasFailed, SSL_is_init_finished(session) == 1 else { return }
        ERR_clear_error()
        SSL_shutdown(session)
        ERR_clear_error()
    }

    /// What the client showed; `nil` if nothing.
    var clientCertificate: ClientCertificate? {
        guard let certificate = SSL_get0_peer_certificate(session) else { return nil }
        let count = i2d_X509(certificate, nil)
        guard count > 0 else { return nil }
        let der = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, written in
            var end = buffer.baseAddress
            written = max(0, Int(i2d_X509(certificate, &end)))
        }
        // A session that is resumed brings the outcome of its first handshake, which may be hours ago.
        let isStillValid = X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0
        let isVerified = isStillValid && SSL_get_verify_result(session) == Int(X509_V_OK)
        return ClientCertificate(der: der, isVerified: isVerified)
    }

    /// What the session waits for after a call that did not succeed.
    private func direction(after result: Int32) throws(ConnectionError) -> DescriptorSource.Direction {
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .read
        case SSL_ERROR_WANT_WRITE: return .write
        default:
            hasFailed = true
            let reason = TLSErrorQueue.takeReason()
            if let failure = link.failure { throw failure }
            throw link.hasEnded ? .reset : .insecure(reason)
        }
    }
}

/// A certificate that a client has proven to hold the key of: RFC 8705.
public struct ClientCertificate: Sendable, Hashable {
    /// The certificate, in DER.
    public let der: [UInt8]
    /// Whether one of the server's authorities vouches for it, within its validity.
    public let isVerified: Bool

    /// A certificate, for tests and for requests made inside the process.
    public init(der: [UInt8], isVerified: Bool) {
        self.der = der
        self.isVerified = isVerified
    }
}
