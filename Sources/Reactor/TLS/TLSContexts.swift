internal import COpenSSL

/// One OpenSSL context for each certificate of a server.
///
/// `@unchecked Sendable`: the contexts are not modified after `init`; OpenSSL lets any number of threads make sessions
/// of one.
final class TLSContexts: @unchecked Sendable {
    private let identities: [TLSIdentity]
    private var all: [OpaquePointer] = []

    /// Clients of TLS 1.2 get forward secrecy and AEAD or nothing: RFC 9325 §4.2.
    private static let olderCiphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"
    /// Seconds that a session may be resumed.
    private static let sessionLifetime = 12 * 3600

    init(_ identities: [TLSIdentity], authorities: TLSAuthorities?) throws(TLSError) {
        self.identities = identities
        guard !identities.isEmpty else { throw .noCertificate }
        for identity in identities {
            ERR_clear_error()
            guard let context = SSL_CTX_new(TLS_server_method()) else {
                throw .library(reason: TLSErrorQueue.takeReason())
            }
            all.append(context)
            guard Self.configure(context), Self.show(identity, in: context) else {
                throw .library(reason: TLSErrorQueue.takeReason())
            }
            if let authorities { SSL_CTX_set1_cert_store(context, authorities.store) }
        }
        martlet_ssl_choose_by_name(all[0], Self.chooseByName, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        for context in all { SSL_CTX_free(context) }
    }

    /// A new session, in the context of the first certificate.
    func makeSession() -> OpaquePointer? { SSL_new(all[0]) }

    private static func configure(_ context: OpaquePointer) -> Bool {
        SSL_CTX_set_options(context, martlet_ssl_options)
        // An idle connection holds no buffer, and a rest of an answer may have moved when it is tried again.
        let modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(modes), nil)
        // Header and content of a record in one system call.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
        // Sessions live in tickets alone: RFC 5077, RFC 8446 §4.6.1. One is enough, as each resumption brings the next.
        SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        SSL_CTX_set_num_tickets(context, 1)
        SSL_CTX_set_timeout(context, sessionLifetime)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_CERT_LIST, 32 * 1024, nil)
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, nil)
        SSL_CTX_set_cert_verify_callback(context, verifyButTakeAny, nil)
        let hasGroups = groups.withCString { text in
            SSL_CTX_ctrl(context, SSL_CTRL_SET_GROUPS_LIST, 0, UnsafeMutableRawPointer(mutating: text)) == 1
        }
        return hasGroups
            && SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1
            && SSL_CTX_set_cipher_list(context, olderCiphers) == 1 && SSL_CTX_set_ciphersuites(context, ciphers) == 1
    }

    private static func show(_ identity: TLSIdentity, in context: OpaquePointer) -> Bool {
        SSL_CTX_use_certificate(context, identity.certificate) == 1
            && SSL_CTX_use_PrivateKey(context, identity.key) == 1
            && identity.chain.allSatisfy { martlet_ssl_add_chain(context, $0) == 1 }
    }

    /// RFC 7301: `http/1.1`, or no connection, if the client names its protocols; one that names none is served.
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, selected, selectedCount, offer, count, _ in
        guard let offer else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let wanted: StaticString = "http/1.1"
        var index = 0
        while index < Int(count) {
            let length = Int(offer[index])
            guard index + 1 + length <= Int(count) else { break }
            if length == wanted.utf8CodeUnitCount,
                UnsafeBufferPointer(start: offer + index + 1, count: length).elementsEqual(
                    UnsafeBufferPointer(start: wanted.utf8Start, count: length))
            {
                selected?.pointee = offer + index + 1
                selectedCount?.pointee = UInt8(truncatingIfNeeded: length)
                return SSL_TLSEXT_ERR_OK
            }
            index += 1 + length
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }

    /// RFC 6066 §3: shows the certificate of the host that the client wants, or else the first.
    private static let chooseByName:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
        ) -> Int32 = { session, _, argument in
            guard let session, let argument, let host = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else {
                return SSL_TLSEXT_ERR_NOACK
            }
            // Whoever has the session has these contexts.
            let contexts = Unmanaged<TLSContexts>.fromOpaque(argument).takeUnretainedValue()
            guard let index = contexts.identities.firstIndex(where: { $0.covers(host) }) else {
                return SSL_TLSEXT_ERR_NOACK
            }
            if index > 0 { SSL_set_SSL_CTX(session, contexts.all[index]) }
            return SSL_TLSEXT_ERR_OK
        }

    /// Verifies a client's chain and remembers the outcome, but takes any: routes decide what a certificate is worth.
    ///
    /// That the client has the key is proven by the handshake itself.
    private static let verifyButTakeAny: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = {
        context, _ in
        X509_verify_cert(context)
        ERR_clear_error()
        return 1
    }
}
