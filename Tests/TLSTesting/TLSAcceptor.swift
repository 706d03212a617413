internal import COpenSSL
internal import Glibc

/// The server's side of TLS over a blocking socket, for one test.
///
/// `@unchecked Sendable`: used by one thread at a time.
public final class TLSAcceptor: @unchecked Sendable {
    private let context: OpaquePointer?
    private let session: OpaquePointer?

    /// Does the handshake on a socket that has been accepted, and that stays its owner's; nil where it comes to nothing.
    ///
    /// - Parameters:
    ///   - descriptor: the socket.
    ///   - certificate: what is shown.
    ///   - versions: on the wire, such as 0x0303 for TLS 1.2.
    public init?(_ descriptor: Int32, _ certificate: TestCertificate, versions: ClosedRange<Int> = 0x0303...0x0304) {
        context = SSL_CTX_new(TLS_server_method())
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, versions.lowerBound, nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, versions.upperBound, nil)
        SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
        SSL_CTX_use_certificate(context, certificate.certificate)
        SSL_CTX_use_PrivateKey(context, certificate.key)
        session = SSL_new(context)
        SSL_set_fd(session, descriptor)
        ERR_clear_error()
        guard SSL_accept(session) == 1 else {
            ERR_clear_error()
            return nil
        }
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    /// Sends all bytes; false where nobody takes them.
    public func send(_ bytes: [UInt8]) -> Bool {
        ERR_clear_error()
        return SSL_write(session, bytes, Int32(bytes.count)) == bytes.count
    }

    /// Up to so many of the bytes that come next; empty at the end of the stream.
    public func receive(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        ERR_clear_error()
        let read = SSL_read(session, &bytes, Int32(count))
        return Array(bytes[..<max(0, Int(read))])
    }
}
