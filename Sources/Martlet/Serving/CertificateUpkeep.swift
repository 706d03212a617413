import Glibc
import Observability
import Reactor
import Synchronization

/// Keeps the certificates up to date with their files, and the keys of session tickets young.
///
/// Files that cannot be used change nothing: the server goes on with what it has, and says which file is to blame.
final class CertificateUpkeep: Sendable {
    private let files: TLSFiles
    private let server: TLSServer
    /// Reading files blocks, so it is not done on a loop.
    private let reader: WorkerPool
    private let log: Log
    private let state: Mutex<State>

    private struct State {
        /// What the files looked like when they were last tried.
        var tried: [Int]
        /// What they looked like a moment ago: a pair that is being replaced is left alone until nothing moves.
        var seen: [Int]
    }

    /// How often the files are looked at.
    static let interval = Duration.seconds(5)
    /// How long a key of session tickets lives.
    private static let ticketKeyLifetime = Duration.seconds(12 * 3600)

    init(_ files: TLSFiles, _ server: TLSServer, _ log: Log) throws {
        self.files = files
        self.server = server
        self.log = log
        reader = try WorkerPool(name: "files", threads: 1, queueLimit: 4)
        let fingerprint = files.fingerprint
        state = Mutex(State(tried: fingerprint, seen: fingerprint))
        tell(server.identities)
    }

    /// Looks at the files from time to time, until cancelled.
    func run(on loop: EventLoop) async {
        var nextRotation = Deadline.after(Self.ticketKeyLifetime)
        while (try? await loop.sleep(until: .after(Self.interval))) != nil {
            await look()
            guard Deadline.now >= nextRotation else { continue }
            nextRotation = .after(Self.ticketKeyLifetime)
            try? server.rotateTicketKeys()
        }
    }

    /// Loads the files if they have changed and settled.
    func look() async {
        let hasChanged = try? await reader.run { [self] in
            let now = files.fingerprint
            return state.withLock { state in
                defer { state.seen = now }
                return now != state.tried && now == state.seen
            }
        }
        if hasChanged == true { await reload() }
    }

    /// Loads the files as they are.
    func reload() async {
        do {
            // One thread, so that what is loaded last is what is shown.
            tell(
                try await reader.run { [self] in
                    let now = files.fingerprint
                    state.withLock { $0 = State(tried: now, seen: now) }
                    let identities = try files.load()
                    try server.replace(identities, authorities: try files.loadAuthorities())
                    return identities
                })
        } catch let failure as TLSFiles.Failure {
            log.error("tls.kept", .harmless("file", failure.path), .harmless("complaint", failure.complaint))
        } catch {
            log.error("tls.kept", .error(error))
        }
    }

    /// Ends the thread that reads.
    func stop() async { await reader.stop() }

    private func tell(_ identities: [TLSIdentity]) {
        for (pair, identity) in zip(files.pairs, identities) {
            let days = (identity.expiresAt - time(nil)) / 86_400
            let fields: [LogField] = [.harmless("file", pair.certificate), .integer("days", days)]
            if days < 7 {
                log.warning("tls.expiring", fields[0], fields[1])
            } else {
                log.info("tls.loaded", fields[0], fields[1])
            }
        }
    }
}
