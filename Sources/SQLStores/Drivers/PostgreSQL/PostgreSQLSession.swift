import CPostgreSQL
import Glibc
import Reactor
import Stores

/// One connection that waits for each answer: for connecting, for the schema, for tools.
///
/// Never on an event loop.
///
/// `@unchecked Sendable`: libpq's connection belongs to one thread at a time; a session is made on one thread and handed
/// over whole, to another thread or to the loop that goes on with it.
final class PostgreSQLSession: @unchecked Sendable {
    /// libpq's connection.
    let handle: OpaquePointer
    private var parameters = PostgreSQLParameters()

    /// The oldest server that has all that the statements use.
    private static let oldestVersion: Int32 = 13_00_00

    /// Connects and makes the session ours; blocks, for each host at most as long as `connect_timeout` says.
    init(_ settings: PostgreSQLSettings) throws(StorageError) {
        let handle = PostgreSQLSession.connect(settings.connectionString)
        guard let handle else { throw .failed("out of memory") }
        self.handle = handle
        do throws(StorageError) {
            guard PQstatus(handle) == CONNECTION_OK else {
                throw .unavailable(reason: PostgreSQLSession.words(of: handle))
            }
            guard PQserverVersion(handle) >= PostgreSQLSession.oldestVersion else {
                throw .failed("PostgreSQL 13 or later is needed, and this server is older")
            }
            PQsetNoticeReceiver(handle, { _, _ in }, nil)
            try setUp(settings)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    /// Ends the connection; nothing may be asked of it afterwards.
    func close() { PQfinish(handle) }

    /// Runs one statement and answers its rows.
    @discardableResult
    func run(_ text: String, _ values: [SQLValue] = []) throws(StorageError) -> [Row] {
        parameters.fill(values)
        let answer = PQexecParams(
            handle, text, parameters.count, parameters.types, parameters.values, parameters.lengths, parameters.formats,
            1)
        return try rows(answer)
    }

    /// Runs a statement without values, for so many milliseconds at most and only while `ear` hears nothing.
    func run(_ text: String, within milliseconds: Int32, unless ear: Int32) throws(StorageError) -> [Row] {
        guard PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 1) == 1, PQflush(handle) == 0 else {
            throw .unavailable(reason: PostgreSQLSession.words(of: handle))
        }
        let deadline = Deadline.after(.milliseconds(Int(milliseconds)))
        while PQisBusy(handle) == 1 {
            var events = [
                pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
                pollfd(fd: ear, events: Int16(POLLIN), revents: 0),
            ]
            poll(&events, 2, milliseconds)
            guard events[1].revents == 0, Deadline.now < deadline else { throw .unavailable(reason: "no answer") }
            guard PQconsumeInput(handle) == 1 else {
                throw .unavailable(reason: PostgreSQLSession.words(of: handle))
            }
        }
        let answer = PQgetResult(handle)
        while let more = PQgetResult(handle) { PQclear(more) }
        return try rows(answer)
    }

    /// Runs several statements that take no values and answer nothing, all or none.
    func execute(script: StaticString) throws(StorageError) {
        let text = UnsafeRawPointer(script.utf8Start).assumingMemoryBound(to: CChar.self)
        _ = try rows(PQexec(handle, text))
    }

    private func rows(_ answer: OpaquePointer?) throws(StorageError) -> [Row] {
        guard let answer else { throw .unavailable(reason: PostgreSQLSession.words(of: handle)) }
        let result = PostgreSQLResult(answer)
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return result.rows
        default:
            guard PQstatus(handle) == CONNECTION_OK else {
                throw .unavailable(reason: PostgreSQLSession.words(of: handle))
            }
            throw result.failure.error
        }
    }

    /// What libpq says went wrong; it names hosts and users, never a password.
    static func words(of handle: OpaquePointer) -> String {
        let words = String(cString: PQerrorMessage(handle)).trimmed
        return words.isEmpty ? "the connection broke" : words
    }

    /// What holds unless the connection string says otherwise.
    ///
    /// A dead host is noticed within seconds, not after the two hours of the system's own keep-alive.
    private static let defaults: KeyValuePairs<String, String> = [
        "fallback_application_name": "martlet", "keepalives_idle": "5", "keepalives_interval": "2",
        "keepalives_count": "3", "tcp_user_timeout": "8000",
    ]

    /// Likewise, but a service file or the environment may say otherwise, too: words given here would win over those.
    private static let weakDefaults = [
        (name: "connect_timeout", value: "3", variable: "PGCONNECT_TIMEOUT"),
        (name: "target_session_attrs", value: "read-write", variable: "PGTARGETSESSIONATTRS"),
    ]

    private static func connect(_ connectionString: String) -> OpaquePointer? {
        var pairs = defaults.map { ($0.key, $0.value) }
        if getenv("PGSERVICE") == nil, !connectionString.contains("service=") {
            pairs += weakDefaults.filter { getenv($0.variable) == nil }.map { ($0.name, $0.value) }
        }
        pairs.append(("dbname", connectionString))
        pairs.append(("client_encoding", "UTF8"))
        if !isBounded(pairs) { pairs.append(("connect_timeout", "3")) }
        return call(pairs) { PQconnectdbParams($0, $1, 1) }
    }

    /// Whether all that libpq knows, service files included, limits the time to connect; 0 would be for ever.
    private static func isBounded(_ pairs: [(String, String)]) -> Bool {
        // What libpq refuses before it looks at the network still tells what it has gathered.
        let handle = call(pairs + [("sslmode", "only asking")]) { PQconnectStartParams($0, $1, 1) }
        defer { PQfinish(handle) }
        let options = PQconninfo(handle)
        defer { PQconninfoFree(options) }
        var next = options
        while let option = next?.pointee, let keyword = option.keyword {
            if strcmp(keyword, "connect_timeout") == 0 { return option.val.map { atoi($0) > 0 } ?? false }
            next = next?.successor()
        }
        return false
    }

    private static func call(
        _ pairs: [(String, String)],
        _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> OpaquePointer?
    ) -> OpaquePointer? {
        let texts = pairs.map { (copy($0.0), copy($0.1)) }
        defer {
            for (keyword, value) in texts {
                keyword.deallocate()
                value.deallocate()
            }
        }
        // Where a word comes twice the later one counts, and the connection string stands for the words in it.
        return body(texts.map { UnsafePointer($0.0) } + [nil], texts.map { UnsafePointer($0.1) } + [nil])
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { (copy + index).initialize(to: byte) }
        return copy
    }

    private func setUp(_ settings: PostgreSQLSettings) throws(StorageError) {
        let milliseconds = settings.timeout.components.seconds * 1000
        var words: [String] = []
        for (name, value) in [
            ("default_transaction_isolation", "read committed"), ("statement_timeout", "\(milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(2 * milliseconds)"), ("jit", "off"),
            // The server, too, notices a dead node, and gives up what that node had locked.
            ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3"),
        ] {
            words.append("set_config('\(name)', '\(value)', false)")
        }
        // An acknowledged change is on disk, whatever the server's default says; `local` and stronger stay.
        words.append(
            """
            CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN set_config('synchronous_commit', 'on', false) END
            """)
        // In one question and for so long only: a server may take connections and answer nobody.
        _ = try run("SELECT " + words.joined(separator: ", "), within: Int32(clamping: milliseconds), unless: -1)
    }
}
