import AuthorizationServer
import JOSE
import Reactor

/// What the server works with: everything that `Configuration` has, and what only the server needs.
struct ServeConfiguration: Sendable {
    let common: Configuration
    let settings: ServerSettings
    let issuer: Issuer
    /// Nil in development mode before the first start, when there is none yet.
    let masterKey: MasterKey?

    init(_ settings: Settings, hasIPv6: Bool = ListenAddresses.hasIPv6Loopback) throws(ConfigurationError) {
        var reader = SettingsReader(settings)
        let server = ServerSettings(&reader, hasIPv6: hasIPv6)
        common = Configuration(&reader, mode: server.mode)
        let issuer = server.issuer ?? ServeConfiguration.developmentIssuer(server)
        if server.mode == .production, reader.text(.issuer) == nil {
            reader.report(
                .issuer, "is missing",
                "Write the URL under which browsers reach this provider, such as https://login.example.")
        }
        masterKey = ServeConfiguration.masterKey(common, &reader)
        guard reader.problems.isEmpty, let issuer else { throw ConfigurationError(problems: reader.problems) }
        self.issuer = issuer
        self.settings = server
    }

    /// `localhost` at the port that is listened on.
    private static func developmentIssuer(_ server: ServerSettings) -> Issuer? {
        Issuer("http://localhost:\(server.listen.first?.port ?? 8080)")
    }

    private static func masterKey(_ common: Configuration, _ reader: inout SettingsReader) -> MasterKey? {
        let isSet = reader.text(.masterKeyFile) != nil
        guard isSet || common.mode == .development else {
            reader.report(
                .masterKeyFile,
                "is missing",
                "Make one with: (umask 077; openssl rand -base64 32 > /etc/martlet/master.key), and name it here."
            )
            return nil
        }
        do {
            return try MasterKeyFile.read(common.masterKeyPath)
        } catch .unreadable(let failure) where failure.isAbsence && !isSet {
            return nil
        } catch {
            reader.report(
                .masterKeyFile, "names \(common.masterKeyPath), which cannot be used: \(error.complaint)", error.remedy)
            return nil
        }
    }
}
