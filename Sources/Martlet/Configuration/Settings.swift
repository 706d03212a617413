@preconcurrency import Glibc

/// The settings as text, by name: those of the environment, then those of the configuration file that it names.
struct Settings: Sendable {
    private(set) var values: [Setting: String] = [:]
    /// Names that do not exist, and what is wrong with the file.
    private(set) var problems: [ConfigurationProblem] = []

    /// Takes the variables that begin with `MARTLET_`.
    init(environment: [(name: String, value: String)]) {
        for (name, value) in environment where name.hasPrefix(Setting.prefix) {
            guard !Setting.isSetByOrchestrator(name) else { continue }
            take(name, value, from: name)
        }
        if let path = values[.configurationFile] { readFile(path) }
    }

    /// The settings of this process.
    static var ofProcess: Settings {
        let variables = environment.compactMap { text in
            text.firstIndex(of: "=").map { (name: String(text[..<$0]), value: String(text[text.index(after: $0)...])) }
        }
        return Settings(environment: variables)
    }

    /// The variables of this process, `NAME=value` each.
    static var environment: [String] {
        // Nothing in this program changes the environment, so it can be read without a lock.
        var variables: [String] = []
        while let variable = environ[variables.count] { variables.append(String(cString: variable)) }
        return variables
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
        values[setting] = value
    }
}
