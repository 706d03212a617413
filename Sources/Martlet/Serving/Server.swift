import AuthorizationServer
import Directory
import Federation
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
import TokenVerifier
import Web

/// The provider: everything wired together, from start to stop.
struct Server: Sendable {
    private let configuration: ServeConfiguration
    private let group: EventLoopGroup
    private let console: Console
    private let log: Log
    private let storage: SQLStorage
    private let passwords: WorkerPool
    private let devices: DeviceThreads
    private let maintenance: Maintenance
    private let audit: AuditUpkeep
    private let http: HTTPServer
    /// Where only operators and their machines ask; nil where nobody does.
    private let management: HTTPServer?
    private let certificates: CertificateUpkeep?
    private let observation: Observation
    private let takeover: Takeover
    private let demo: DemoAccess?
    /// Asks providers; nil where there are none.
    private let fetch: OutgoingFetch?
    /// Fetches what clients' registrations point at.
    private let documents: GuardedDocuments
    /// Asks the providers of connectors.
    private let providers: UpstreamClient
    /// Asks directories.
    private let directories: DirectoryAccounts
    /// Nil where no mail can be sent.
    private let mail: MailDispatch?
    private let logout: LogoutDispatch

    /// What ends the server.
    static let stopSignals = [SIGTERM, SIGINT]
    /// Reads the certificates anew.
    static let reloadSignal = SIGHUP
    /// Hands over to a new process of the program.
    static let restartSignal = SIGUSR2

    /// How long requests at work may take to finish; with what comes after, all is over in 30 seconds.
    private static let drainLimit = Duration.seconds(25)

    /// How long to wait for a database server that lets us wait; what was acknowledged is safe there.
    private static let closeLimit = Duration.seconds(3)

    /// Opens and checks everything; nobody is listened to yet.
    init(
        _ configuration: ServeConfiguration, _ group: EventLoopGroup, _ takeover: Takeover, _ console: Console
    ) async throws {
        try Server.checkPorts(configuration.settings.listen, .listen, takeover.inherited)
        try Server.checkPorts(configuration.settings.management, .managementListen, takeover.inherited)
        self.takeover = takeover
        self.configuration = configuration
        self.group = group
        self.console = console
        let log = Log(level: configuration.settings.logLevel)
        self.log = log
        let (common, issuer, clock, random) = (
            configuration.common, configuration.issuer, SystemClock(), SystemRandom()
        )
        let pages = try Server.pages(configuration.settings.templates, basePath: issuer.path)
        let times = StoreTimes.ofEveryOperation(on: group)
        storage = try await common.database.open(
            on: group, role: .server, schema: .migrate, observer: times.observer)
        let stores = storage.stores
        // SQLite has made it; what development mode makes needs it with any database.
        if common.mode == .development { try SmallFile.makeFolder(common.database.location.folder) }
        let masterKey = try await Server.masterKey(configuration, stores)
        let workers = configuration.passwordWorkers
        let pool = try Server.passwordPool(workers)
        passwords = pool
        // An RSA key takes some tenths of a second: no loop waits for it.
        let devices = DeviceThreads(common.keyDevices.devices(), log: log)
        self.devices = devices
        let rotation = KeyRotation(
            stores.keys, masterKey: masterKey, clock: clock, policy: common.policy, devices: devices,
            makeKey: { algorithm in try await pool.run { try SigningKey.generate(algorithm) } })
        try await rotation.begin()
        try await Server.checkDevices(try await stores.keys.list(), masterKey, common.policy, devices)
        var policy = common.policy
        policy.isSignUpOpen = configuration.settings.signUp == .open
        policy.offersSessionManagement = configuration.settings.offersSessionManagement
        policy.claims = configuration.settings.claims
        let documents = GuardedDocuments()
        self.documents = documents
        let environment = ServerEnvironment(
            issuer: issuer,
            policy: policy,
            clock: clock,
            random: random,
            storage: stores,
            masterKey: masterKey,
            devices: devices,
            documents: documents,
            elsewhere: ConnectorStrength(stores)
        )

        let hasher = try PasswordHasher(pool: passwords, parameters: common.passwordHash)
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

        let settings = configuration.settings
        let needsFetch = settings.passwords.range != nil || settings.captcha.foreign != nil
        let fetch = needsFetch ? try OutgoingFetch() : nil
        self.fetch = fetch
        let judge = try PasswordFileSearch.judge(
            settings.passwords, templates: settings.templates.folder, issuer: issuer, fetch: fetch)
        let audit = AuditTrail(
            stores, masterKey: masterKey, clock: clock, random: random, notesTokens: settings.auditsTokens,
            rates: settings.auditRates)
        let logout = LogoutDispatch(environment, transport: documents, audit: audit, log: log)
        self.logout = logout
        let places = try Server.places(settings.geoIPFile, clock)
        let providers = UpstreamClient()
        self.providers = providers
        let federation = Federation(
            stores.connectors,
            Upstream.Parts(
                transport: providers, masterKey: masterKey, clock: clock, verifierClock: SystemVerifierClock(),
                random: random, spent: stores.secondFactors.spentChallenges, root: issuer.url),
            report: { id, fault in
                log.warning("connector.unusable", .harmless("connector", id), .harmless("reason", fault))
            })
        let directories = Server.directories(
            federation, environment, masterKey, group.loops[0], log, makesAccounts: settings.terms == nil)
        self.directories = directories
        let mail = try MailDispatch(
            configuration, environment, masterKey, pages: pages, places: places, directories: directories, log: log)
        self.mail = mail
        let signIn = LimitedSignIn(
            PasswordSignIn(stores.users, hasher: hasher, masterKey: masterKey), attempts: stores.attempts,
            known: KnownBrowsers(masterKey, random: random), limits: settings.signInLimits, clock: clock,
            telling: AccountNotices(
                stores, clock: clock, random: random, rates: settings.mailRates, wake: mail?.wake))
        let codes = mail.map { mail in
            MailedCodes(
                stores, codes: MailCodes(masterKey, random: random), clock: clock, random: random,
                rates: settings.mailRates, wake: mail.wake)
        }
        let account = Site.AccountParts(
            environment, hasher: hasher, judge: judge, signIn: signIn, beside: directories,
            grace: settings.deletionGrace, rates: settings.mailRates, wake: mail?.wake)
        let site = Site(
            Site.Parts(
                environment: environment,
                sessions: Sessions(
                    stores.sessions, clock: clock, random: random, lifetime: common.policy.sessionLifetime,
                    idleLifetime: common.policy.sessionIdleLifetime, remembered: settings.remembered,
                    binding: settings.sessionBinding),
                signIn: signIn,
                secondFactor: SecondFactor(
                    stores, masterKey: masterKey, clock: clock, random: random, issuer: issuer.host,
                    mailedCodes: settings.allowsMailCodes ? codes : nil, freshnessCodes: codes),
                audit: audit,
                passkeys: configuration.passkeys.passkeys(
                    environment, masterKey, rates: settings.requestRates, telling: account.notices, audit: audit),
                passwords: PasswordMeter(judge, rates: settings.requestRates, clock: clock),
                challenges: Server.challenges(settings.captcha, environment, masterKey, fetch),
                account: account,
                places: places,
                pages: pages,
                development: demo?.shown,
                mail: mail.map { mail in
                    configuration.mailParts(
                        environment, masterKey, hasher, judge, directories: directories, inbox: mail.inbox,
                        wake: mail.wake)
                },
                registration: settings.registration,
                federation: Site.FederationParts(
                    federation, signUpMode: settings.signUp, directories: directories, rates: settings.requestRates),
                signInOrder: settings.signInOrder, clientFailures: ClientFailures(settings.requestRates),
                requestRates: settings.requestRates,
                report: { id, error in log.error("request.failed", .harmless("request_id", id), .error(error)) },
                refusals: { id, explanation in
                    log.info(
                        "request.refused", .harmless("request_id", id), .harmless("code", explanation.code),
                        .harmless("check", explanation.check), .harmless("section", explanation.section),
                        .harmless("advice", explanation.advice),
                        .harmless("received", explanation.received.joined(separator: ", ")))
                }
            )
        )
        maintenance = Maintenance(
            environment: environment,
            site: site,
            masterKey: masterKey,
            rotation: rotation,
            erasure: Erasure(stores, audit: audit),
            cluster: Maintenance.Cluster(storage),
            loop: group.loops[0],
            log: log
        )
        self.audit = AuditUpkeep(
            environment, masterKey: masterKey, audit: audit, retention: settings.auditRetention, devices: devices,
            isOnDuty: { [storage] in storage.isOnDuty }, log: log)
        certificates = try Server.certificates(configuration, log)
        let observation = try Observation(
            log, site, group, traces: configuration.settings.traces, stores: times,
            gauges: Gauges.pools(passwords: passwords, storage) + Gauges.keys(environment.keys) + (mail?.gauges ?? [])
                + logout.gauges)
        self.observation = observation
        http = HTTPServer(
            configuration: configuration.serving(site),
            group: group,
            respond: { await site.respond(to: $0) },
            accessLog: { record in observation.note(record) },
            faultLog: { fault, id in log.error("response.fault", .word("fault", fault), .harmless("request_id", id)) }
        )
        management = Server.management(
            configuration, group, ManagementRoutes(stores.versions, takeover), more: observation.routes)
    }

    /// Serves until a signal comes, then drains.
    func run() async throws {
        defer { log.close() }
        let state = try await StopWatch.whileStarting(on: group, configuration.settings.logLevel) {
            try await maintenance.begin()
        }
        try listen(http, configuration.settings.listen, .listen)
        if let management { try listen(management, configuration.settings.management, .managementListen) }
        takeover.announceReady(log)
        announce()
        let loop = group.loops[0]
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await maintenance.run(state) }
            tasks.addTask { await audit.run(on: loop) }
            tasks.addTask { await takeover.keepWatchdog(on: group) }
            tasks.addTask { await observation.watchLoops() }
            tasks.addTask { await observation.sendTraces() }
            if let mail { tasks.addTask { await mail.run(on: loop) } }
            tasks.addTask { await logout.run(on: loop) }
            if let certificates { tasks.addTask { await certificates.run(on: loop) } }
            tasks.addTask { await reloadOnSignal() }
            let end = try await takeover.waitForEnd(on: loop, log) {
                let sockets = try await http.duplicateListeners()
                do {
                    return sockets + (try await management?.duplicateListeners() ?? [])
                } catch {
                    sockets.closeAll()
                    throw error
                }
            }
            // Whoever has asked for a successor has not asked for the end yet.
            StopWatch.endAtOnce(afterSignals: end.hasSuccessor ? 2 : 1, on: group)
            if end.hasSuccessor { await storage.makeWay() }
            // With a successor there is nothing left to ask of us; without, /ready shall say that we stop.
            if end.hasSuccessor { await management?.drain(within: .seconds(1), patience: .milliseconds(500)) }
            await http.drain(within: Server.drainLimit, patience: end.patience)
            if !end.hasSuccessor { await management?.drain(within: .seconds(1)) }
            if !end.hasSuccessor { removeSockets() }
            tasks.cancelAll()
        }
        if await !StopWatch.finish(within: Server.closeLimit, on: loop, { await audit.finish() }) {
            log.error("audit.failing", .word("reason", "the database does not answer"))
        }
        await passwords.stop()
        await devices.stop()
        await certificates?.stop()
        await fetch?.stop()
        await documents.stop()
        await providers.stop()
        // A name service may hold a thread for longer than anybody waits.
        let hasStopped = await StopWatch.finish(within: Server.closeLimit, on: loop) { await directories.stop() }
        if !hasStopped { log.warning("directories.stuck") }
        let isClosed = await StopWatch.finish(within: Server.closeLimit, on: loop) { await storage.close() }
        log.info("server.stopped")
        guard !(isClosed && hasStopped) else { return }
        // A thread still waits for the database server or a directory: without the handlers of `exit`, which it would meet.
        log.close()
        _exit(ExitStatus.success.rawValue)
    }

    private func listen(_ server: HTTPServer, _ items: [ListenSetting], _ setting: Setting) throws(CommandFailure) {
        do {
            try server.start(adopting: takeover.inherited)
        } catch {
            let places = items.map(\.description).joined(separator: ", ")
            throw CommandFailure("cannot listen on \(places), as \(setting.rawValue) has it: \(error)")
        }
    }

    private func reloadOnSignal() async {
        while (try? await Signals.wait(for: [Server.reloadSignal], on: group.loops[0])) != nil {
            takeover.manager.tell(.reloading)
            await certificates?.reload()
            takeover.manager.tell(.ready)
        }
    }

    /// Leaves no sockets behind in the file system that nobody listens at.
    private func removeSockets() {
        http.removeSockets()
        management?.removeSockets()
    }

    private func announce() {
        log.info(
            "server.started",
            .harmless("version", Version.text),
            .harmless("mode", configuration.common.mode.rawValue),
            .harmless("issuer", configuration.issuer),
            .harmless("listen", configuration.settings.listen.map(\.description).joined(separator: ",")),
            .integer("loops", group.loops.count)
        )
        if configuration.settings.hidesClients {
            log.warning("proxies.unnamed", .word("remedy", "set MARTLET_TRUSTED_PROXIES to the proxy that does TLS"))
        }
        if let demo {
            if !http.places.allSatisfy(\.isLocal) {
                // Whoever reaches the home page reads the demo secrets there.
                log.warning("development.exposed", .word("remedy", "set MARTLET_LISTEN to a loopback address"))
            }
            console.complain(
                Welcome.text(demo.shown, configuration.issuer, folder: configuration.common.database.location.folder))
        }
    }
}
