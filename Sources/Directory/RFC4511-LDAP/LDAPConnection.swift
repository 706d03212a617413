internal import CLDAP
import Glibc

/// A connection by libldap; it is closed with the value.
final class LDAPConnection: DirectoryConnection {
    private let handle: OpaquePointer
    private let call: DirectoryCall
    private let avoid: () -> Void

    /// The most that one search may bring, in bytes of values.
    private static let searchLimit = 4 << 20
    /// References elsewhere that a search may bring; none is followed.
    private static let referenceLimit = 1000

    /// Takes over a handle; `avoid` is called where the host leaves us alone.
    init(_ handle: OpaquePointer, _ call: DirectoryCall, avoid: @escaping () -> Void) {
        self.handle = handle
        self.call = call
        self.avoid = avoid
    }

    deinit { ldap_unbind_ext_s(handle, nil, nil) }

    /// TLS from here on, with a certificate that proves the host.
    func secure() throws(DirectoryFault) {
        guard ldap_install_tls(handle) != LDAP_SUCCESS else { return }
        throw handshakeFault
    }

    /// RFC 4511 §4.14: asks for TLS, and begins it.
    func startTLS() throws(DirectoryFault) {
        let code = ldap_start_tls_s(handle, nil, nil)
        switch code {
        case LDAP_SUCCESS: return
        case LDAP_CONNECT_ERROR: throw handshakeFault
        case LDAP_SERVER_DOWN, LDAP_TIMEOUT: throw fault(of: code)
        default: throw .untrusted(.noStartTLS)
        }
    }

    func bind(_ name: DistinguishedName, password: [UInt8]) throws(DirectoryFault) -> BindOutcome {
        // Either of them empty is no proof, and servers say yes to it: RFC 4513 §5.1.
        guard !password.isEmpty, !name.text.isEmpty else { return .refused }
        var password = password.map { CChar(bitPattern: $0) }
        defer {
            password.withUnsafeMutableBytes { bytes in
                if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
            }
        }
        let code = password.withUnsafeMutableBufferPointer { bytes in
            var credential = berval(bv_len: ber_len_t(bytes.count), bv_val: bytes.baseAddress)
            return ldap_sasl_bind_s(handle, name.text, nil, &credential, nil, nil, nil)
        }
        switch code {
        case LDAP_SUCCESS: return .proven
        // Active Directory says so of a right password that has run out, or that is to be changed first.
        case LDAP_INVALID_CREDENTIALS where ["data 532,", "data 773,"].contains(where: { diagnosis.contains($0) }):
            return .outdated
        // What a directory says of a name or password that is not right, or of an account that may not be used; of a name
        // that cannot be one too, since it was made of what somebody typed.
        case LDAP_INVALID_CREDENTIALS, LDAP_NO_SUCH_OBJECT, LDAP_INAPPROPRIATE_AUTH, LDAP_UNWILLING_TO_PERFORM,
            LDAP_CONSTRAINT_VIOLATION, LDAP_INSUFFICIENT_ACCESS, LDAP_INVALID_DN_SYNTAX:
            return .refused
        default: throw fault(of: code)
        }
    }

    func search(_ search: DirectorySearch) throws(DirectoryFault) -> [DirectoryEntry] {
        let question = try ask(search)
        var entries: [DirectoryEntry] = []
        var (size, references) = (0, 0)
        while true {
            let left = call.millisecondsLeft
            var limit = timeval(tv_sec: left / 1000, tv_usec: left % 1000 * 1000)
            var answer: OpaquePointer?
            let code = ldap_result(handle, question, LDAP_MSG_ONE, &limit, &answer)
            guard code > 0, let message = answer else { throw fault(of: code == 0 ? LDAP_TIMEOUT : lastCode) }
            defer { ldap_msgfree(message) }
            switch Int(martlet_ldap_kind(message)) {
            case MARTLET_LDAP_ENTRY:
                let entry = read(message)
                size += entry.size
                guard size <= LDAPConnection.searchLimit else { throw fault(of: LDAP_RESULTS_TOO_LARGE) }
                entries.append(entry)
                // One more than is wanted tells enough; a directory may go on for ever.
                if entries.count > search.limit {
                    ldap_abandon_ext(handle, question, nil, nil)
                    return entries
                }
            case MARTLET_LDAP_REFERENCE:
                references += 1
                guard references <= LDAPConnection.referenceLimit else { throw fault(of: LDAP_RESULTS_TOO_LARGE) }
            case MARTLET_LDAP_END:
                var code: Int32 = LDAP_OTHER
                let parsed = ldap_parse_result(handle, message, &code, nil, nil, nil, nil, 0)
                guard parsed == LDAP_SUCCESS else { throw fault(of: parsed) }
                guard code == LDAP_SUCCESS || code == LDAP_SIZELIMIT_EXCEEDED else { throw fault(of: code) }
                return entries
            default: continue
            }
        }
    }

    /// Sends the question; the number of its answers.
    private func ask(_ search: DirectorySearch) throws(DirectoryFault) -> Int32 {
        var names: [UnsafeMutablePointer<CChar>?] = search.attributes.map { strdup($0.rawValue) } + [nil]
        defer { for name in names { free(name) } }
        var limit = timeval(tv_sec: max(1, call.millisecondsLeft / 1000), tv_usec: 0)
        let depth =
            switch search.depth {
            case .entry: LDAP_SCOPE_BASE
            case .subtree: LDAP_SCOPE_SUBTREE
            }
        var question: Int32 = 0
        // One more than is wanted, so that more than that can be told.
        let code = ldap_search_ext(
            handle, search.base.text, depth, search.filter.text, &names, 0, nil, nil, &limit,
            Int32(clamping: search.limit + 1), &question)
        guard code == LDAP_SUCCESS else { throw fault(of: code) }
        return question
    }

    private func read(_ entry: OpaquePointer) -> DirectoryEntry {
        var name = ""
        if let text = ldap_get_dn(handle, entry) {
            name = String(cString: text)
            ldap_memfree(text)
        }
        var values: [AttributeName: [[UInt8]]] = [:]
        var cursor: OpaquePointer?
        defer { if let cursor { ber_free(cursor, 0) } }
        var next = ldap_first_attribute(handle, entry, &cursor)
        while let text = next {
            // `memberOf;range=0-1499` and the like are others than what was asked for.
            if let attribute = AttributeName(String(cString: text)),
                let found = ldap_get_values_len(handle, entry, text)
            {
                values[attribute] = (0..<Int(ldap_count_values_len(found))).map { index in
                    guard let value = found[index]?.pointee, let start = value.bv_val else { return [] }
                    return Array(UnsafeRawBufferPointer(start: start, count: Int(value.bv_len)))
                }
                ldap_value_free_len(found)
            }
            ldap_memfree(text)
            next = ldap_next_attribute(handle, entry, cursor)
        }
        return DirectoryEntry(name: DistinguishedName(name), values: values)
    }

    /// What an answer that is no success means.
    private func fault(of code: Int32) -> DirectoryFault {
        switch code {
        case LDAP_TIMEOUT:
            avoid()
            return .unavailable(.timedOut)
        case LDAP_SERVER_DOWN, LDAP_CONNECT_ERROR, LDAP_ENCODING_ERROR, LDAP_DECODING_ERROR, LDAP_LOCAL_ERROR:
            avoid()
            return .unavailable(call.isCut ? .timedOut : .brokenOff)
        case LDAP_BUSY, LDAP_UNAVAILABLE, LDAP_TIMELIMIT_EXCEEDED, LDAP_ADMINLIMIT_EXCEEDED, LDAP_OTHER,
            LDAP_PROTOCOL_ERROR:
            avoid()
            return .unavailable(.overloaded)
        case LDAP_RESULTS_TOO_LARGE: return .unavailable(.tooLarge)
        case LDAP_REFERRAL: return .refused(.elsewhere)
        case LDAP_NO_SUCH_OBJECT, LDAP_INVALID_DN_SYNTAX: return .refused(.noSuchBase)
        // The last is what Active Directory says to a search by nobody.
        case LDAP_INSUFFICIENT_ACCESS, LDAP_INAPPROPRIATE_AUTH, LDAP_OPERATIONS_ERROR: return .refused(.noRights)
        case LDAP_CONFIDENTIALITY_REQUIRED, LDAP_STRONG_AUTH_REQUIRED: return .refused(.needsTLS)
        default: return .refused(.otherwise)
        }
    }

    /// What kept TLS from coming about.
    private var handshakeFault: DirectoryFault {
        guard !call.isCut else {
            avoid()
            return .unavailable(.timedOut)
        }
        let words = diagnosis
        if words.contains("hostname") { return .untrusted(.wrongName) }
        if words.contains("certificate") || words.contains("unknown ca") { return .untrusted(.wrongCertificate) }
        return .untrusted(.noHandshake)
    }

    private var lastCode: Int32 {
        var code: Int32 = LDAP_OTHER
        ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code)
        return code
    }

    /// What the library, or the directory, says more of the last failure; for nothing but telling failures apart.
    private var diagnosis: String {
        var text: UnsafeMutablePointer<CChar>?
        guard ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text) == LDAP_SUCCESS, let text else { return "" }
        defer { ldap_memfree(text) }
        return String(cString: text).lowercased()
    }
}
