import AuthorizationServer
import Observability
import Pages
import Reactor

/// Turns settings into values, and gathers everything that is wrong on the way.
struct SettingsReader {
    let settings: Settings
    private(set) var problems: [ConfigurationProblem]

    init(_ settings: Settings) {
        self.settings = settings
        problems = settings.problems
    }

    mutating func report(_ setting: Setting, _ complaint: String, _ remedy: String) {
        problems.append(ConfigurationProblem(setting, complaint, remedy))
    }

    mutating func report(_ problem: ConfigurationProblem) {
        problems.append(problem)
    }

    func text(_ setting: Setting) -> String? { settings.values[setting] }

    /// One word of a list.
    mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ setting: Setting, _ type: Value.Type = Value.self
    ) -> Value? {
        guard let text = text(setting) else { return nil }
        if let value = Value(rawValue: text) { return value }
        let words = Value.allCases.map(\.rawValue)
        let hint = Spelling.nearest(to: text, among: words).map { "Did you mean \($0)?" }
        report(
            setting, "has a value that does not exist", hint ?? "Write one of: " + words.joined(separator: ", ") + ".")
        return nil
    }

    /// A whole number within the setting's bounds.
    mutating func number(_ setting: Setting) -> Int? {
        guard let text = text(setting) else { return nil }
        let bounds = setting.bounds
        let remedy = "Write a whole number from \(bounds.lowerBound) to \(bounds.upperBound)."
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            report(setting, "is not a whole number", remedy)
            return nil
        }
        guard let value = Int(text), bounds.contains(value) else {
            report(setting, "is out of bounds", remedy)
            return nil
        }
        return value
    }

    /// Lifetimes; what is not set keeps its default.
    mutating func policy() -> Policy {
        var policy = Policy()
        func set(_ setting: Setting, _ path: WritableKeyPath<Policy, Duration>, _ reader: inout SettingsReader) {
            if let seconds = reader.number(setting) { policy[keyPath: path] = .seconds(seconds) }
        }
        set(.accessTokenLifetime, \.accessTokenLifetime, &self)
        set(.idTokenLifetime, \.idTokenLifetime, &self)
        set(.codeLifetime, \.codeLifetime, &self)
        set(.refreshIdleLifetime, \.refreshIdleLifetime, &self)
        set(.grantLifetime, \.grantLifetime, &self)
        set(.sessionLifetime, \.sessionLifetime, &self)
        set(.sessionIdleLifetime, \.sessionIdleLifetime, &self)
        set(.refreshGrace, \.refreshGrace, &self)
        set(.keyRotationInterval, \.keyRotationInterval, &self)
        policy.signingAlgorithms = signingAlgorithms()
        policy.ladder = ladder()
        policy.takesEncryptedRequests = (choice(.requestEncryption) ?? YesOrNo.yes) == .yes
        if policy.refreshIdleLifetime > policy.grantLifetime {
            let isIdleSet = text(.refreshIdleLifetime) != nil
            report(
                isIdleSet ? .refreshIdleLifetime : .grantLifetime,
                isIdleSet ? "is longer than the grant lives" : "is shorter than an unused refresh token lives",
                "\(Setting.refreshIdleLifetime.rawValue) may be \(Setting.grantLifetime.rawValue) at most."
            )
        }
        return policy
    }

    /// `http` needs a loopback host; the rest of the reasons are told apart so that each names its remedy.
    mutating func issuer() -> Issuer? {
        guard let text = text(.issuer) else { return nil }
        if let issuer = Issuer(text) { return issuer }
        if text.hasSuffix("/"), Issuer(String(text.dropLast())) != nil {
            report(.issuer, "ends in a slash", "Leave the slash out.")
        } else if text.hasPrefix("http://") {
            report(
                .issuer,
                "is http on a host that is not this machine",
                "Write https://…; http is for localhost, 127.0.0.1 and [::1] only."
            )
        } else if text != text.lowercased(), Issuer(text.lowercased()) != nil {
            report(.issuer, "has capital letters in its host", "Write the host in small letters.")
        } else {
            report(
                .issuer,
                "is not a URL that can name a provider",
                "Write https, a host and perhaps a path, without query and fragment, such as https://login.example."
            )
        }
        return nil
    }

    mutating func database() -> DatabaseLocation? {
        guard let text = text(.database) else { return nil }
        do {
            return try DatabaseLocation(text)
        } catch {
            report(.database, error.complaint, error.remedy)
            return nil
        }
    }

    mutating func terms() -> String? {
        guard let address = text(.terms) else { return nil }
        guard address.hasPrefix("https://") || address.hasPrefix("http://") else {
            report(.terms, "is no address", "Write https://…, where the terms of use can be read.")
            return nil
        }
        return address
    }

    mutating func templates() -> String? {
        guard let path = text(.templates) else { return nil }
        if !SmallFile.isFolder(path) {
            report(
                .templates, "names no folder", "Name the folder that holds the page templates, or remove the setting.")
        }
        return path
    }

    mutating func templatesOverlay() -> String? {
        guard let path = text(.templatesOverlay) else { return nil }
        if !SmallFile.isFolder(path) {
            report(
                .templatesOverlay, "names no folder",
                "Name the folder that holds your own templates and messages, or remove the setting.")
        }
        return path
    }

    mutating func language() -> Language? {
        guard let tag = text(.language) else { return nil }
        guard let language = Language(tag) else {
            report(.language, "is no language tag", "Write the name of a folder in messages, such as en or de.")
            return nil
        }
        return language
    }
}
