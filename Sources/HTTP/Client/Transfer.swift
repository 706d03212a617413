internal import CCurl
internal import CLinux
internal import Glibc
internal import Reactor

/// The handle of libcurl for one exchange, with everything switched off that is not asked for.
///
/// Belongs to the thread of the engine; the exchange outlives it.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    private var pins: UnsafeMutablePointer<curl_slist>?
    /// The table of names of this exchange alone: nobody else's connection goes where its name points.
    private var names: UnsafeMutableRawPointer?
    private var isSet = true

    /// Makes the handle; `nil` if libcurl refuses a setting, for then nothing is as it was judged.
    init?(_ exchange: Exchange, authorities: String?) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        names = curl_share_init()
        set(CURLOPT_NOSIGNAL, 1)
        setAddress(exchange)
        setConnection(exchange, authorities)
        setMessage(exchange)
        setCallbacks(exchange)
        guard isSet, names != nil else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(list)
        curl_slist_free_all(pins)
        if let names { curl_share_cleanup(names) }
    }

    // MARK: Settings

    private func setAddress(_ exchange: Exchange) {
        let address = exchange.address
        check(martlet_curl_set_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(address.handle)))
        set(CURLOPT_PROTOCOLS_STR, address.scheme)
        set(CURLOPT_FOLLOWLOCATION, 0)
        // No proxy, whatever the environment says: through one, the address would be the proxy's to judge.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        if let names {
            isSet = isSet && martlet_curl_share_lock_data(names, CURL_LOCK_DATA_DNS) == CURLSHE_OK
            check(martlet_curl_set_pointer(easy, CURLOPT_SHARE, names))
        }
        guard address.literal == nil else { return }
        let hosts = exchange.pinned.map { $0.bytes.count == 4 ? $0.host : "[\($0.host)]" }
        pins = curl_slist_append(nil, "\(address.host):\(address.port):\(hosts.joined(separator: ","))")
        isSet = isSet && pins != nil
        check(martlet_curl_set_pointer(easy, CURLOPT_RESOLVE, pins))
    }

    private func setConnection(_ exchange: Exchange, _ authorities: String?) {
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let authorities {
            set(CURLOPT_CAINFO, authorities)
            check(martlet_curl_set_text(easy, CURLOPT_CAPATH, nil))
        }
        let now = Deadline.now.nanoseconds
        let rest = exchange.deadline.nanoseconds > now ? (exchange.deadline.nanoseconds - now) / 1_000_000 : 0
        // 0 would mean no limit. A day is more than anybody waits, and less than where the number ends.
        set(CURLOPT_TIMEOUT_MS, Int(min(max(rest, 1), 86_400_000)))
        if exchange.destination.fetchGuard != nil {
            // A kept connection may have been made to an address that this one may not have.
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
            set(CURLOPT_SSL_SESSIONID_CACHE, 0)
        }
    }

    private func setMessage(_ exchange: Exchange) {
        switch exchange.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .head: set(CURLOPT_NOBODY, 1)
        case .post: set(CURLOPT_POST, 1)
        default: set(CURLOPT_CUSTOMREQUEST, exchange.method.text)
        }
        if exchange.method == .post || !exchange.content.isEmpty {
            check(martlet_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(exchange.content.count)))
            exchange.content.withUnsafeBytes { content in
                let copied = content.baseAddress ?? UnsafeRawPointer(easy)
                check(
                    martlet_curl_set_pointer(
                        easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: copied)))
            }
            if exchange.method == .get { set(CURLOPT_CUSTOMREQUEST, "GET") }
        }
        set(CURLOPT_USERAGENT, "martlet")
        set(CURLOPT_MAXFILESIZE_LARGE, offset: exchange.answerLimit)
        // Without a value: the field is not sent.
        append("Expect:")
        if exchange.fields["Content-Type"] == nil { append("Content-Type:") }
        for (name, value) in exchange.fields { append(value.isEmpty ? "\(name);" : "\(name): \(value)") }
        check(martlet_curl_set_pointer(easy, CURLOPT_HTTPHEADER, list))
    }

    private func setCallbacks(_ exchange: Exchange) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        check(martlet_curl_on_bytes(easy, CURLOPT_WRITEFUNCTION, takeContent))
        check(martlet_curl_set_pointer(easy, CURLOPT_WRITEDATA, context))
        check(martlet_curl_on_bytes(easy, CURLOPT_HEADERFUNCTION, takeLine))
        check(martlet_curl_set_pointer(easy, CURLOPT_HEADERDATA, context))
        check(martlet_curl_on_socket(easy, openSocket))
        check(martlet_curl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, context))
        check(martlet_curl_set_pointer(easy, CURLOPT_PRIVATE, context))
    }

    private func append(_ line: String) {
        guard let longer = curl_slist_append(list, line) else {
            isSet = false
            return
        }
        list = longer
    }

    private func set(_ option: CURLoption, _ value: Int) { check(martlet_curl_set_long(easy, option, value)) }
    private func set(_ option: CURLoption, _ value: String) { check(martlet_curl_set_text(easy, option, value)) }
    private func set(_ option: CURLoption, offset: Int) {
        check(martlet_curl_set_offset(easy, option, curl_off_t(offset)))
    }

    private func check(_ code: CURLcode) { isSet = isSet && code == CURLE_OK }

    // MARK: What came of it

    /// The exchange of a handle that libcurl gives back.
    static func exchange(of easy: UnsafeMutableRawPointer) -> Exchange? {
        var context: UnsafeMutablePointer<CChar>?
        guard martlet_curl_get_pointer(easy, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else { return nil }
        return Unmanaged<Exchange>.fromOpaque(UnsafeRawPointer(context)).takeUnretainedValue()
    }

    /// The status of the answer; 0 if there is none.
    var status: Int {
        var status = 0
        martlet_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }
}

// MARK: Callbacks of libcurl, on the thread of the engine

private func takeContent(
    _ bytes: UnsafeMutablePointer<CChar>?, _ one: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    take(bytes, one &* count, context) { $0.take(content: $1) }
}

private func takeLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ one: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    take(bytes, one &* count, context) { $0.take(line: $1) }
}

/// Anything but the number of bytes ends the transfer.
private func take(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ body: (Exchange, UnsafeBufferPointer<UInt8>) -> Bool
) -> Int {
    guard count > 0 else { return 0 }
    guard let bytes, let context else { return 0 }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    let isTaken = bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
        body(exchange, UnsafeBufferPointer(start: $0, count: count))
    }
    return isTaken ? count : 0
}

/// The last word on where a connection goes, asked with the very address that the kernel would get.
private func openSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ target: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let target else { return -1 }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    let peer = withUnsafePointer(to: &target.pointee.addr) { SocketAddress(pointer: $0) }
    guard let peer, exchange.admits(peer) else {
        exchange.cut = .refusedAddress
        return -1
    }
    let kind = target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(target.pointee.family, kind, target.pointee.`protocol`)
}
