import AuthorizationServer
import Glibc
import HTTP
import Identity
import JOSE
import OAuthTypes
import Observability
import Pages
import Reactor
import SQLStores
import Stores
import Web

/// The provider: everything wired together, from start to stop.
struct Server: Sendable {
    private let configuration: ServeConfiguration
    private let group: EventLoopGroup
    private let console: Console
    private let log: Log
    private let storage: SQLStorage
    private let passwords: WorkerPool
    private let maintenance: Maintenance
    private let http: HTTPServer
    private let demo: DemoAccess?

    /// What ends the server.
    static let stopSignals = [SIGTERM, SIGINT]

    /// How long requests at work may take to finish; with what comes after, all is over in 30 seconds.
    private static let drainLimit = Duration.seconds(25)

    /// Opens and checks everything; nobody is listened to yet.
    init(_ configuration: ServeConfiguration, _ group: EventLoopGroup, _ console: Console) async throws {
        try Server.checkPorts(configuration.settings.listen)
        self.configuration = configuration
        self.group = group
        self.console = console
        let log = Log(level: configuration.settings.logLevel)
        self.log = log
        let (common, issuer, clock, random) = (
            configuration.common, configuration.issuer, SystemClock(), SystemRandom()
        )
        let pages = try Server.pages(configuration)
        storage = try await common.database.open(on: group, role: .server)
        let stores = storage.stores
        // SQLite has made it; what development mode makes needs it with any database.
        if common.mode == .development { try SmallFile.makeFolder(common.database.location.folder) }
        let masterKey = try await Server.masterKey(configuration, stores)
        let rotation = KeyRotation(stores.keys, masterKey: masterKey, clock: clock, policy: common.policy)
        try await rotation.begin()
        let environment = ServerEnvironment(
            issuer: issuer,
            policy: common.policy,
            clock: clock,
            random: random,
            storage: stores,
            masterKey: masterKey
        )

        let workers = configuration.settings.passwordWorkers
        // Whoever waits behind sixteen others for a hash has waited for a second or two: enough.
        passwords = try WorkerPool(name: "passwords", threads: workers, queueLimit: 16 * workers)
        let hasher = try PasswordHasher(pool: passwords)
        switch common.mode {
        case .development:
            let demo = try DemoAccess(in: common.database.location.folder, random: random)
            try await demo.install(
                in: environment,
                accounts: Accounts(stores.users, hasher: hasher, clock: clock, random: random)
            )
            self.demo = demo
        case .production:
            try await DemoAccess.refuse(in: stores)
            demo = nil
        }

        let site = Site(
            Site.Parts(
                environment: environment,
                sessions: Sessions(
                    stores.sessions, clock: clock, random: random, lifetime: common.policy.sessionLifetime),
                signIn: PasswordSignIn(stores.users, hasher: hasher),
                pages: pages,
                development: demo?.shown,
                report: { id, error in log.error("request.failed", .harmless("request_id", id), .error(error)) }
            )
        )
        maintenance = Maintenance(
            environment: environment,
            site: site,
            masterKey: masterKey,
            rotation: rotation,
            cluster: Maintenance.Cluster(storage),
            loop: group.loops[0],
            log: log
        )
        http = HTTPServer(
            configuration: HTTP.ServerConfiguration(addresses: configuration.settings.listen),
            group: group,
            respond: { await site.respond(to: $0) },
            accessLog: { record in log.access(record) },
            faultLog: { fault, id in log.error("response.fault", .word("fault", fault), .harmless("request_id", id)) }
        )
    }

    /// Serves until a signal comes, then drains.
    func run() async throws {
        defer { log.close() }
        let state = try await maintenance.begin()
        try http.start()
        announce()
        let loop = group.loops[0]
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await maintenance.run(state) }
            let signal = try await Signals.wait(for: Server.stopSignals, on: loop)
            log.info("server.stopping", .integer("signal", signal))
            tasks.addTask {
                // Somebody who asks twice does not want to wait.
                guard (try? await Signals.wait(for: Server.stopSignals, on: loop)) != nil else { return }
                // Without the handlers of `exit`: requests at work would meet what those have torn down.
                _exit(ExitStatus.failure.rawValue)
            }
            await http.drain(within: Server.drainLimit)
            tasks.cancelAll()
        }
        await passwords.stop()
        await storage.close()
        log.info("server.stopped")
    }

    private func announce() {
        log.info(
            "server.started",
            .harmless("version", Version.text),
            .harmless("mode", configuration.common.mode.rawValue),
            .harmless("issuer", configuration.issuer),
            .harmless("listen", http.boundAddresses.map(\.description).joined(separator: ",")),
            .integer("loops", group.loops.count)
        )
        if let demo {
            if !http.boundAddresses.allSatisfy(\.isLoopback) {
                // Whoever reaches the home page reads the demo secrets there.
                log.warning("development.exposed", .word("remedy", "set MARTLET_LISTEN to a loopback address"))
            }
            console.complain(
                Welcome.text(demo.shown, configuration.issuer, folder: configuration.common.database.location.folder))
        }
    }
}

extension Log {
    /// The line of a request.
    fileprivate func access(_ record: borrowing AccessRecord) {
        guard level <= .info else { return }
        access(
            id: record.id.description,
            method: record.method.text,
            path: record.path,
            status: Int(record.status.rawValue),
            bytes: record.bytes,
            microseconds: record.microseconds,
            peer: record.peer.description
        )
    }
}

extension SocketAddress {
    /// Whether only this machine can reach it: RFC 1122 §3.2.1.3, RFC 4291 §2.5.3.
    fileprivate var isLoopback: Bool {
        switch family {
        case .ipv4: bytes.first == 127
        case .ipv6: bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }
}
