import Glibc
import HTTP
import Identity
import OAuthTypes
import SQLStores
import Stores

/// Looks at everything that a server needs, and changes nothing.
struct DoctorCommand: Command {
    static let usage = CommandUsage(
        words: ["doctor"],
        summary: "Look for what is wrong, and say what to do.",
        discussion: """
            It looks at the settings, the database (whether it answers, its version and
            schema, its clock, its disk), and whether the master key opens the signing keys.
            Nothing is changed, and no secret is shown. Run it as the server's user, with
            the server's settings; the server may run meanwhile.

            Each line begins with ok, warning, failed or skipped. The exit status is 0 if
            nothing failed, else 1.
            """,
        options: [deep, .json],
        examples: [
            CommandUsage.Example(purpose: "What is not as it should be", command: "martlet doctor | grep -v '^ok'")
        ]
    )

    private static let deep = Option.flag(
        "--deep", "Compare the indexes of a SQLite database with its tables, too, which may take minutes.")

    private let depth: CareDepth
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        depth = arguments.has(DoctorCommand.deep) ? .deep : .quick
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        ProcessMemory.hide()
        let configuration = try Configuration(forTools: settings)
        var report = DoctorReport()
        DoctorCommand.checkSettings(settings, configuration, &report)
        report.add("proxies", DoctorCommand.proxies(settings))
        report.add("passwords", DoctorCommand.passwordFiles(settings))
        let facts = try DoctorCommand.facts(settings, configuration, depth)
        for check in facts.checks { report.add(check.name, check.run()) }
        let keys = DoctorKeys(configuration)
        report.add("master key", keys.masterKeyFinding)
        if facts.isReachable {
            report.add("signing keys", keys.finding { () throws(StorageError) in try facts.signingKeys() })
            report.add(
                "key devices",
                keys.deviceFinding(
                    { () throws(StorageError) in try facts.signingKeys() }, at: SystemClock().now))
            report.add(
                "sealed values",
                keys.sealedFinding { count throws(StorageError) in
                    try facts.sealedCounts(headCount: count)
                })
            report.add("demo access", DoctorCommand.demoAccess(facts, configuration.mode))
            report.add("clients", DoctorCommand.clients(facts))
        } else {
            let reason = "the database cannot be asked"
            report.add("signing keys", .skipped(reason))
            report.add("key devices", .skipped(reason))
            report.add("sealed values", .skipped(reason))
            report.add("demo access", .skipped(reason))
            report.add("clients", .skipped(reason))
        }
        report.add("mail", DoctorCommand.mail(settings, configuration.mode))
        report.tell(console, asJSON: isJSON)
        exit((report.isFine ? ExitStatus.success : .failure).rawValue)
    }

    /// What `serve` would complain about; the master key has a line of its own.
    private static func checkSettings(
        _ settings: Settings, _ configuration: Configuration, _ report: inout DoctorReport
    ) {
        do {
            _ = try ServeConfiguration(settings)
        } catch {
            let ofMasterKey = [
                Setting.masterKeyFile.rawValue, Setting.masterKey.rawValue, configuration.masterKey.description,
            ]
            let problems = error.problems.filter { !ofMasterKey.contains($0.subject) }
            for problem in problems {
                report.add("settings", .failed("\(problem.subject) \(problem.complaint)", do: problem.remedy))
            }
            guard problems.isEmpty else { return }
        }
        report.add("settings", .ok("the server would take them"))
    }

    private static func facts(
        _ settings: Settings, _ configuration: Configuration, _ depth: CareDepth
    ) throws -> any DatabaseFacts {
        switch configuration.database.location {
        case .sqlite(let path): return SQLiteFacts(path, depth: depth)
        case .postgreSQL(let connectionString):
            let database = try configuration.database.settings(connectionString, role: .server)
            var reader = SettingsReader(settings)
            let loops = reader.number(.loops) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            return PostgreSQLFacts(
                database, connections: database.connections(loops: loops), clock: SystemClock())
        }
    }

    /// Whether people's addresses are seen.
    private static func proxies(_ settings: Settings) -> Finding {
        var reader = SettingsReader(settings)
        let server = ServerSettings(&reader, hasIPv6: ListenAddresses.hasIPv6Loopback)
        guard reader.problems.isEmpty else { return .skipped("the settings are wrong") }
        guard server.hidesClients else {
            let networks = server.proxies.networks.count
            return .ok(networks == 0 ? "none is named, and none is needed" : "\(networks) named")
        }
        return .warning(
            "a proxy must do TLS here, and none is named: everybody shares its address, and the limits by address with it",
            do: "Set \(Setting.trustedProxies.rawValue) to its address, such as 127.0.0.1,::1 or unix.")
    }

    /// The words and the filter that passwords are compared with, every byte of them.
    private static func passwordFiles(_ settings: Settings) -> Finding {
        var reader = SettingsReader(settings)
        let (passwords, templates) = (reader.passwords(), reader.templates())
        guard reader.problems.isEmpty else { return .skipped("the settings are wrong") }
        do {
            _ = try PasswordFileSearch.judge(passwords, templates: templates, issuer: nil)
            guard let path = PasswordFileSearch.filter(passwords, templates: templates) else {
                return .warning(
                    "breached passwords are taken",
                    do: "Remove \(Setting.passwordFilter.rawValue)=none, unless something else keeps them out.")
            }
            let filter = try PasswordFileSearch.openFilter(path)
            try filter.verify()
            return .ok("the filter is whole: \(filter.summary)")
        } catch let failure as CommandFailure {
            return .failed(failure.sentence, do: "sh deploy/passwords/rebuild.sh makes the files that come along.")
        } catch {
            return .failed("the filter cannot be used: \(error)", do: "Build it anew: martlet passwords build-filter.")
        }
    }

    /// Where mail goes; what is wrong with the settings is told above.
    private static func mail(_ settings: Settings, _ mode: Configuration.Mode) -> Finding {
        var reader = SettingsReader(settings)
        if let mail = MailSettings(&reader) {
            let protection =
                switch mail.protection {
                case .implicit: "by TLS"
                case .required: "by STARTTLS"
                case .offered: "on this machine"
                }
            return .ok("mail goes to \(mail.host):\(mail.port), \(protection); martlet mail test tries it")
        }
        guard mode == .production else { return .ok("development mode shows mails at /inbox") }
        return .warning(
            "no mail server is named: nobody can reset a password, sign up or be told of changes",
            do: "Set MARTLET_MAIL_SERVER and MARTLET_MAIL_FROM.")
    }

    /// Names each client for which rules are off.
    private static func clients(_ facts: some DatabaseFacts) -> Finding {
        do throws(StorageError) {
            let exceptions = try facts.clientExceptions()
            guard !exceptions.isEmpty else { return .ok("every rule holds for each of them") }
            let words = exceptions.prefix(20).map { exception in
                "\(exception.id) (\(exception.rules.map(\.rawValue).joined(separator: ", ")))"
            }
            let more = exceptions.count > 20 ? ", and \(exceptions.count - 20) more" : ""
            return .warning(
                "rules are off for \(words.joined(separator: ", "))\(more)",
                do: "Switch each on as soon as the client can live with it: martlet client update ID --set "
                    + "martlet_compatibility=null")
        } catch {
            return .skipped("their exceptions cannot be read before the schema is up to date: martlet migrate")
        }
    }

    /// Somebody may know the secrets of the demo client and the demo person: production does not start with them.
    private static func demoAccess(_ facts: some DatabaseFacts, _ mode: Configuration.Mode) -> Finding {
        guard mode == .production else { return .ok("development mode has a demo client and a demo person") }
        do throws(StorageError) {
            if let id = ClientID(DemoAccess.clientID), try facts.hasClient(id) {
                return .failed(
                    "the database holds the demo client of development mode",
                    do: "Remove it: martlet client remove \(DemoAccess.clientID)")
            }
            if let email = Email(DemoAccess.email), try facts.hasActiveUser(email) {
                return .failed(
                    "the database holds the demo person of development mode",
                    do: "Disable it: martlet user disable \(DemoAccess.email)")
            }
            return .ok("none")
        } catch {
            return Finding(error)
        }
    }
}
