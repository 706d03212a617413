import JOSE

/// Where the master key comes from: a file, a credential of systemd, or the environment.
struct MasterKeySource: Sendable {
    enum Place: Sendable {
        case file(String)
        /// A file that the service manager made for this service alone.
        case credential(String)
        case environment(Secret)
    }

    let place: Place
    /// Whether the operator named it; what nobody named is made at the first start in development mode.
    let isNamed: Bool

    /// The name of the credential: systemd.exec(5), `LoadCredential=`.
    static let credential = "martlet.master-key"

    /// Takes the place that the settings name, the credential if there is one, or the file beside the database.
    init(_ reader: inout SettingsReader, beside database: DatabaseLocation) {
        let settings = reader.settings
        let path = reader.text(.masterKeyFile)
        if let secret = settings.masterKey {
            if path != nil {
                reader.report(
                    .masterKey, "is set beside \(Setting.masterKeyFile.rawValue)",
                    "Remove one of the two; several keys go into one place, the one that seals first.")
            }
            self.init(place: .environment(secret), isNamed: true)
        } else if let path {
            self.init(place: .file(path), isNamed: true)
        } else if let folder = settings.credentials, SmallFile.exists(folder + "/" + MasterKeySource.credential) {
            self.init(place: .credential(folder + "/" + MasterKeySource.credential), isNamed: true)
        } else {
            self.init(place: .file(MasterKeyFile.generatedPath(beside: database)), isNamed: false)
        }
    }

    init(place: Place, isNamed: Bool) {
        (self.place, self.isNamed) = (place, isNamed)
    }

    /// The setting that names it.
    var setting: Setting {
        if case .environment = place { .masterKey } else { .masterKeyFile }
    }

    /// The path, or what it is instead.
    var description: String {
        switch place {
        case .file(let path): path
        case .credential: "the credential \(MasterKeySource.credential)"
        case .environment: "the environment"
        }
    }

    func read() throws(MasterKeyFile.Refusal) -> MasterKey {
        switch place {
        case .file(let path): return try MasterKeyFile.read(path)
        // Its folder lets nobody in but the service; an access list shows as rights of a group.
        case .credential(let path): return try MasterKeyFile.read(path, closedTo: 0o007)
        case .environment(let secret):
            do throws(MasterKey.FileError) {
                return try secret.withBytes { bytes throws(MasterKey.FileError) in
                    try MasterKey(fileContents: bytes.indices.map { bytes[$0] })
                }
            } catch {
                throw .unfit(error)
            }
        }
    }

    /// What is wrong with the key that should be here.
    func problem(_ refusal: MasterKeyFile.Refusal) -> ConfigurationProblem {
        switch place {
        case .file(let path):
            ConfigurationProblem(setting, "names \(path), which cannot be used: \(refusal.complaint)", refusal.remedy)
        case .credential:
            ConfigurationProblem(description, "cannot be used: \(refusal.complaint)", refusal.remedy)
        case .environment:
            ConfigurationProblem(setting, "cannot be used: \(refusal.complaint)", refusal.remedy)
        }
    }
}

extension Configuration {
    /// The master key of a command, which makes none.
    func requireMasterKey() throws(ConfigurationError) -> MasterKey {
        do {
            return try masterKey.read()
        } catch {
            guard masterKey.isNamed else {
                let problem = ConfigurationProblem(
                    .masterKeyFile,
                    "should name the master key, and \(masterKey.description) cannot be used: \(error.complaint)",
                    "Name the file that the server uses.")
                throw ConfigurationError(problems: [problem])
            }
            throw ConfigurationError(problems: [masterKey.problem(error)])
        }
    }
}
