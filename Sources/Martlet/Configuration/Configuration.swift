import AuthorizationServer
import Identity

/// What every command works with.
struct Configuration: Sendable {
    /// What the server is for.
    enum Mode: String, Sendable, CaseIterable {
        /// Trying and building: everything has a default, and there are a demo client and a demo person.
        case development
        /// Real people: what matters must be said.
        case production
    }

    let mode: Mode
    let database: DatabaseConfiguration
    /// Where the master key is; in development mode it may not be there yet.
    let masterKey: MasterKeySource
    /// How devices that keep signing keys are reached.
    let keyDevices: KeyDeviceSettings
    let policy: Policy
    /// What a password hash costs.
    let passwordHash: Argon2Parameters
    /// What is asked of passwords that are chosen.
    let passwords: PasswordSettings
    /// Nil for where templates are looked for.
    private let templates: String?
    /// Who we are; nil where that is not set.
    let issuer: Issuer?

    /// The configuration of a command that works beside the server.
    ///
    /// Reports everything that is wrong, but does not ask for settings that only the server needs.
    init(forTools settings: Settings) throws(ConfigurationError) {
        var reader = SettingsReader(settings)
        let server = ServerSettings(&reader, hasIPv6: true)
        self = Configuration(&reader, server)
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    }

    init(_ reader: inout SettingsReader, _ server: ServerSettings) {
        mode = server.mode
        database = DatabaseConfiguration(&reader)
        if reader.text(.database) == nil, mode == .production {
            reader.report(
                .database,
                "is missing",
                "Production mode takes no database by default: write sqlite:/var/lib/martlet/martlet.db, for example, "
                    + "or postgresql://martlet@database.example/martlet."
            )
        }
        masterKey = MasterKeySource(&reader, beside: database.location)
        keyDevices = KeyDeviceSettings(&reader)
        policy = reader.policy()
        passwordHash = reader.passwordHash()
        passwords = server.passwords
        templates = server.templates.folder
        issuer = server.issuer ?? (server.mode == .production ? nil : ServeConfiguration.developmentIssuer(server))
    }

    /// Who judges the passwords that an operator sets, as people's own are judged.
    func passwordJudge() throws -> PasswordJudge {
        let fetch = passwords.range == nil ? nil : try OutgoingFetch()
        return try PasswordFileSearch.judge(passwords, templates: templates, issuer: issuer, fetch: fetch)
    }
}
