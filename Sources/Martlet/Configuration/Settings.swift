import JOSE

/// The settings as text, by name: those of the environment, then those of the configuration file that it names.
struct Settings: Sendable {
    private(set) var values: [Setting: String] = [:]
    /// Names that do not exist, and what is wrong with the file.
    private(set) var problems: [ConfigurationProblem] = []
    /// What the environment held as the master key: the one setting that is itself a secret.
    private(set) var masterKey: Secret?
    /// The folder with the credentials of this service: systemd.exec(5).
    private(set) var credentials: String?

    /// Takes the variables that begin with `MARTLET_`, and what the service manager tells.
    init(environment: [(name: String, value: String)], masterKey: Secret? = nil) {
        self.masterKey = masterKey
        for (name, value) in environment {
            if name == "CREDENTIALS_DIRECTORY" { credentials = value }
            guard name.hasPrefix(Setting.prefix) else { continue }
            guard !Setting.isSetByOrchestrator(name) else { continue }
            take(name, value, from: name)
        }
        if let path = values[.configurationFile] { readFile(path) }
    }

    /// The settings of this process; to be asked for once, before there is a second thread: the master key is taken out of
    /// the environment.
    static func ofProcess() -> Settings {
        let masterKey = ProcessEnvironment.take(Setting.masterKey.rawValue)
        let variables = ProcessEnvironment.variables.compactMap { text in
            text.firstIndex(of: "=").map { (name: String(text[..<$0]), value: String(text[text.index(after: $0)...])) }
        }
        return Settings(environment: variables, masterKey: masterKey)
    }

    private mutating func readFile(_ path: String) {
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: SettingsFile.limit)
        } catch {
            problems.append(
                ConfigurationProblem(
                    .configurationFile, "names a file that cannot be read: \(error)", "Correct the path.")
            )
            return
        }
        for line in SettingsFile.parse(contents.bytes, path: path, problems: &problems) {
            let place = "\(path), line \(line.number),"
            if Setting(rawValue: line.name) == .configurationFile {
                problems.append(ConfigurationProblem(place, "names another file", "Put all settings into one file."))
            } else if let setting = Setting(rawValue: line.name), values[setting] != nil {
                continue  // the environment wins
            } else {
                take(line.name, line.value, from: place)
            }
        }
    }

    private mutating func take(_ name: String, _ value: String, from place: String) {
        guard let setting = Setting(rawValue: name) else {
            let known = Setting.allCases.map(\.rawValue)
            let complaint = place == name ? "is no setting" : "sets \(name), which is no setting"
            let remedy =
                Spelling.nearest(to: name, among: known).map { "Did you mean \($0)?" }
                ?? "Remove it; `martlet serve --help` lists the settings."
            problems.append(ConfigurationProblem(place, complaint, remedy))
            return
        }
        guard !value.isEmpty else {
            problems.append(ConfigurationProblem(setting, "is empty", "Give it a value or remove it."))
            return
        }
        guard setting == .masterKey else {
            values[setting] = value
            return
        }
        if place == name {
            masterKey = Secret(value)
        } else {
            problems.append(
                ConfigurationProblem(
                    place, "holds the master key",
                    "Give it a file of its own, mode 0600, that "
                        + "\(Setting.masterKeyFile.rawValue) names."))
        }
    }
}
