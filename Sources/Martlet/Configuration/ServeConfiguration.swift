import AuthorizationServer
import Glibc
import JOSE
import Reactor

/// What the server works with: everything that `Configuration` has, and what only the server needs.
struct ServeConfiguration: Sendable {
    let common: Configuration
    let settings: ServerSettings
    let issuer: Issuer
    /// Nil in development mode before the first start, when there is none yet.
    let masterKey: MasterKey?
    /// Nil where nothing is served by https.
    let tls: TLSServer?
    let passkeys: PasskeySettings

    init(_ settings: Settings, hasIPv6: Bool = ListenAddresses.hasIPv6Loopback) throws(ConfigurationError) {
        var reader = SettingsReader(settings)
        let server = ServerSettings(&reader, hasIPv6: hasIPv6)
        common = Configuration(&reader, server)
        let issuer = server.issuer ?? ServeConfiguration.developmentIssuer(server)
        if server.mode == .production, reader.text(.issuer) == nil {
            reader.report(
                .issuer, "is missing",
                "Write the URL under which browsers reach this provider, such as https://login.example.")
        }
        masterKey = ServeConfiguration.masterKey(common, &reader)
        tls = server.tls.flatMap { ServeConfiguration.tls($0, &reader) }
        let passkeys = issuer.map { PasskeySettings(&reader, $0) }
        guard reader.problems.isEmpty, let issuer, let passkeys else {
            throw ConfigurationError(problems: reader.problems)
        }
        self.issuer = issuer
        self.passkeys = passkeys
        self.settings = server
    }

    /// How many passwords are hashed at a time.
    var passwordWorkers: Int {
        settings.passwordWorkers ?? common.passwordHash.workers(cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// `localhost` at the port that is listened on.
    static func developmentIssuer(_ server: ServerSettings) -> Issuer? {
        let first = server.listen.first { $0.address.port != nil }
        return Issuer("\(first?.scheme.rawValue ?? "http")://localhost:\(first?.address.port ?? 8080)")
    }

    private static func tls(_ files: TLSFiles, _ reader: inout SettingsReader) -> TLSServer? {
        do {
            return try files.makeServer()
        } catch {
            reader.report(error.setting, "names \(error.path), which cannot be used: \(error.complaint)", error.remedy)
            return nil
        }
    }

    private static func masterKey(_ common: Configuration, _ reader: inout SettingsReader) -> MasterKey? {
        let source = common.masterKey
        guard source.isNamed || common.mode == .development else {
            reader.report(
                .masterKeyFile,
                "is missing",
                "Make one with: (umask 077; openssl rand -base64 32 > /etc/martlet/master.key), and name it here."
            )
            return nil
        }
        do {
            return try source.read()
        } catch .unreadable(let failure) where failure.isAbsence && !source.isNamed {
            return nil
        } catch {
            let problem = source.problem(error)
            reader.report(problem)
            return nil
        }
    }
}
