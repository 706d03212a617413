internal import CCurl
internal import Reactor
internal import Synchronization

/// Hands mails to one mail server, one after the other, on a thread of its own.
public final class SMTPClient: Sendable {
    private let server: SMTPServer
    private let thread: WorkerPool

    /// Starts the thread; throws where there is none, or no libcurl.
    public init(_ server: SMTPServer) throws {
        guard OutgoingEngine.isReady else { throw OutgoingError.broken }
        self.server = server
        thread = try WorkerPool(name: "mail", threads: 1, queueLimit: 16, priority: .background)
    }

    /// Hands one mail over; `message` has its lines ended by `CRLF`.
    ///
    /// Throws `SMTPError` where it was not taken, or nobody knows; `WorkerPoolError` where too many wait;
    /// `CancellationError` where the task was cancelled first.
    public func send(_ message: [UInt8], from sender: String, to recipient: String) async throws {
        let dispatch = Dispatch(server, message, from: sender, to: recipient)
        try await withTaskCancellationHandler {
            try await thread.run { try dispatch.perform() }
        } onCancel: {
            dispatch.cancel()
        }
    }

    /// Ends the thread after the mail that it has in hand.
    public func stop() async { await thread.stop() }
}

/// One mail on its way.
///
/// `@unchecked Sendable`: what changes belongs to the thread that performs it, once; but for the flag, which is atomic.
private final class Dispatch: @unchecked Sendable {
    private let server: SMTPServer
    private let message: [UInt8]
    private var position = 0
    private let sender: String
    private let recipient: String
    private var isSet = true
    private let isCancelled = Atomic(false)

    init(_ server: SMTPServer, _ message: [UInt8], from sender: String, to recipient: String) {
        self.server = server
        self.message = message
        self.sender = sender
        self.recipient = recipient
    }

    /// From any thread: what is under way ends within a second or so.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    func perform() throws {
        guard let easy = curl_easy_init() else { throw SMTPError.broken }
        defer { curl_easy_cleanup(easy) }
        let recipients = curl_slist_append(nil, "<\(recipient)>")
        defer { curl_slist_free_all(recipients) }
        isSet = isSet && recipients != nil
        setServer(easy)
        text(easy, CURLOPT_MAIL_FROM, "<\(sender)>")
        check(martlet_curl_set_pointer(easy, CURLOPT_MAIL_RCPT, recipients))
        number(easy, CURLOPT_UPLOAD, 1)
        check(martlet_curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(message.count)))
        check(martlet_curl_on_bytes(easy, CURLOPT_READFUNCTION, giveContent))
        check(martlet_curl_set_pointer(easy, CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque()))
        number(easy, CURLOPT_NOPROGRESS, 0)
        check(martlet_curl_on_progress(easy, askWhetherToGoOn))
        check(martlet_curl_set_pointer(easy, CURLOPT_XFERINFODATA, Unmanaged.passUnretained(self).toOpaque()))
        guard isSet else { throw SMTPError.broken }
        let code = curl_easy_perform(easy)
        guard code != CURLE_OK else { return }
        if code == CURLE_ABORTED_BY_CALLBACK { throw CancellationError() }
        var status = 0
        martlet_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        throw Dispatch.error(code, status)
    }

    private func setServer(_ easy: UnsafeMutableRawPointer) {
        number(easy, CURLOPT_NOSIGNAL, 1)
        text(easy, CURLOPT_URL, server.url)
        text(easy, CURLOPT_PROTOCOLS_STR, server.protection == .implicit ? "smtps" : "smtp")
        // No proxy and no other password than ours, whatever the environment and the home folder say.
        text(easy, CURLOPT_PROXY, "")
        text(easy, CURLOPT_NOPROXY, "*")
        number(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        let protection = server.protection == .offered ? CURLUSESSL_TRY : CURLUSESSL_ALL
        number(easy, CURLOPT_USE_SSL, Int(protection.rawValue))
        number(easy, CURLOPT_SSL_VERIFYPEER, 1)
        number(easy, CURLOPT_SSL_VERIFYHOST, 2)
        number(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities = server.authorities {
            text(easy, CURLOPT_CAINFO, authorities)
            check(martlet_curl_set_text(easy, CURLOPT_CAPATH, nil))
        }
        if let user = server.user {
            text(easy, CURLOPT_USERNAME, user)
            server.withPassword { text(easy, CURLOPT_PASSWORD, $0 ?? "") }
        }
        number(easy, CURLOPT_TIMEOUT_MS, Int(clamping: max(1, server.timeout.components.seconds) &* 1000))
    }

    private func number(_ easy: UnsafeMutableRawPointer, _ option: CURLoption, _ value: Int) {
        check(martlet_curl_set_long(easy, option, value))
    }

    private func text(_ easy: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String) {
        check(martlet_curl_set_text(easy, option, value))
    }

    private func check(_ code: CURLcode) { isSet = isSet && code == CURLE_OK }

    fileprivate var goesOn: Bool { !isCancelled.load(ordering: .relaxed) }

    /// Copies what comes next of the mail.
    fileprivate func give(_ target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(target.count, message.count - position)
        message[position..<position + count].withUnsafeBytes { target.copyMemory(from: $0) }
        position += count
        return count
    }

    private static func error(_ code: CURLcode, _ status: Int) -> SMTPError {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_USE_SSL_FAILED: .unprotected
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE: .untrusted
        case CURLE_LOGIN_DENIED: .refusedLogin
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        default: (400...599).contains(status) ? .refused(code: status) : .broken
        }
    }
}

private func giveContent(
    _ bytes: UnsafeMutablePointer<CChar>?, _ one: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let dispatch = Unmanaged<Dispatch>.fromOpaque(context).takeUnretainedValue()
    return dispatch.give(UnsafeMutableRawBufferPointer(start: bytes, count: one &* count))
}

/// Asked again and again while something is under way; anything but 0 ends it.
private func askWhetherToGoOn(
    _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    guard let context else { return 1 }
    return Unmanaged<Dispatch>.fromOpaque(context).takeUnretainedValue().goesOn ? 0 : 1
}
