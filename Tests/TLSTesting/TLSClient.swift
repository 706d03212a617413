internal import COpenSSL
internal import Glibc

/// A TLS client of OpenSSL over a blocking socket, for one test.
///
/// `@unchecked Sendable`: used by one test at a time.
public final class TLSClient: @unchecked Sendable {
    /// What the client asks for.
    public struct Wishes: Sendable {
        /// The host named to the server.
        public var host: String?
        /// Versions on the wire, such as 0x0303 for TLS 1.2.
        public var versions: ClosedRange<Int> = 0x0301...0x0304
        /// Ciphers of TLS 1.2 and older in OpenSSL's notation.
        public var olderCiphers = "ALL:@SECLEVEL=0"
        /// Ciphers of TLS 1.3.
        public var ciphers: String?
        /// Protocols above TLS.
        public var protocols: [String] = []
        /// The client's own certificate.
        public var certificate: TestCertificate?
        /// A session to resume.
        public var session: TLSClientSession?

        /// No wish.
        public init() {}

        /// Wishes to talk to a host.
        public static func host(_ name: String) -> Wishes {
            var wishes = Wishes()
            wishes.host = name
            return wishes
        }
    }

    /// The handshake came to nothing.
    public struct Refused: Error, CustomStringConvertible {
        /// The alert or the error, in OpenSSL's words.
        public let description: String
    }

    private let descriptor: Int32
    private let context: OpaquePointer?
    private let session: OpaquePointer?

    /// Connects to a port of 127.0.0.1, sends `preamble` in clear, and does the handshake.
    public init(port: UInt16, _ wishes: Wishes = Wishes(), preamble: [UInt8] = []) throws {
        descriptor = Self.connect(port)
        if !preamble.isEmpty { _ = Glibc.send(descriptor, preamble, preamble.count, Int32(MSG_NOSIGNAL)) }
        context = SSL_CTX_new(TLS_client_method())
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, wishes.versions.lowerBound, nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, wishes.versions.upperBound, nil)
        SSL_CTX_set_cipher_list(context, wishes.olderCiphers)
        if let ciphers = wishes.ciphers { SSL_CTX_set_ciphersuites(context, ciphers) }
        if let own = wishes.certificate {
            SSL_CTX_use_certificate(context, own.certificate)
            SSL_CTX_use_PrivateKey(context, own.key)
        }
        session = SSL_new(context)
        if let host = wishes.host {
            host.withCString { name in
                _ = SSL_ctrl(
                    session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
                    UnsafeMutableRawPointer(mutating: name))
            }
        }
        let offer = wishes.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !offer.isEmpty { SSL_set_alpn_protos(session, offer, UInt32(offer.count)) }
        if let resumed = wishes.session { SSL_set_session(session, resumed.pointer) }
        SSL_set_fd(session, descriptor)
        ERR_clear_error()
        guard Self.uninterrupted({ [session] in SSL_connect(session) }) == 1 else {
            let code = ERR_peek_last_error()
            ERR_clear_error()
            throw Refused(description: ERR_reason_error_string(code).map { String(cString: $0) } ?? "closed")
        }
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
        close(descriptor)
    }

    private static func connect(_ port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    /// Calls again what a signal interrupted: a call with a time limit is not begun again by the kernel.
    private static func uninterrupted(_ call: () -> Int32) -> Int32 {
        while true {
            errno = 0
            let result = call()
            guard result <= 0, errno == EINTR else { return result }
        }
    }

    /// Sends all of a text.
    public func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends all bytes.
    public func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let rest = Array(bytes[sent...])
            let count = Self.uninterrupted { SSL_write(session, rest, Int32(rest.count)) }
            guard count > 0 else { return }
            sent += Int(count)
        }
    }

    /// What comes next; empty at the end of the stream.
    public func receive() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        ERR_clear_error()
        let count = bytes.withUnsafeMutableBytes { buffer in
            Self.uninterrupted { SSL_read(session, buffer.baseAddress, Int32(buffer.count)) }
        }
        return Array(bytes[..<max(0, Int(count))])
    }

    /// All that comes until the end of the stream.
    public func receiveAll() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = receive()
            guard !more.isEmpty else { return all }
            all += more
        }
    }

    /// Asks for new keys in both directions: RFC 8446 §4.6.3.
    public func updateKeys() { SSL_key_update(session, SSL_KEY_UPDATE_REQUESTED) }

    /// Asks a server that echoes for a new handshake within TLS 1.2; whether it takes part.
    public func renegotiates() -> Bool {
        ERR_clear_error()
        guard SSL_renegotiate(session) == 1, SSL_do_handshake(session) == 1 else { return false }
        send("anew")
        return receive() == Array("anew".utf8)
    }

    /// Whether the server has said goodbye.
    public var hasReceivedCloseNotify: Bool { SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN != 0 }

    /// The version, such as `TLSv1.3`.
    public var version: String { String(cString: SSL_get_version(session)) }

    /// The cipher in OpenSSL's notation.
    public var cipher: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(session))) }

    /// Whether the handshake resumed a session.
    public var isResumed: Bool { SSL_session_reused(session) == 1 }

    /// Whether compression is in use.
    public var isCompressed: Bool { SSL_get_current_compression(session) != nil }

    /// The protocol that the server chose.
    public var chosenProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &bytes, &count)
        guard let bytes, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// The server's certificate is this one.
    public func sees(_ certificate: TestCertificate) -> Bool {
        guard let shown = SSL_get0_peer_certificate(session) else { return false }
        return X509_cmp(shown, certificate.certificate) == 0
    }

    /// Certificates of the server, its own included.
    public var chainCount: Int { Int(OPENSSL_sk_num(SSL_get_peer_cert_chain(session))) }

    /// What can be resumed later; in TLS 1.3 it comes with the first answer.
    public var currentSession: TLSClientSession? { SSL_get1_session(session).map(TLSClientSession.init) }

    /// Says goodbye.
    public func sayGoodbye() { SSL_shutdown(session) }
}

/// A session that a client keeps.
///
/// `@unchecked Sendable`: only its references are counted, atomically.
public final class TLSClientSession: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { SSL_SESSION_free(pointer) }
}
