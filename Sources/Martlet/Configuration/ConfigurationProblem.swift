/// One thing that is wrong with the configuration: where, what, and how to mend it.
///
/// Holds no value of a setting: what was meant to be a secret may stand in the wrong place.
struct ConfigurationProblem: Sendable, Hashable {
    /// The setting, or the line of the file.
    let subject: String
    /// What is wrong, without the subject and without a full stop.
    let complaint: String
    /// What to do, as a sentence.
    let remedy: String

    init(_ subject: String, _ complaint: String, _ remedy: String) {
        self.subject = subject
        self.complaint = complaint
        self.remedy = remedy
    }

    init(_ setting: Setting, _ complaint: String, _ remedy: String) {
        self.init(setting.rawValue, complaint, remedy)
    }
}

/// Everything that is wrong with the configuration, at once.
struct ConfigurationError: Error, CustomStringConvertible {
    let problems: [ConfigurationProblem]

    var description: String {
        let head = problems.count == 1 ? "one setting needs attention" : "\(problems.count) settings need attention"
        let lines = problems.map { "  \($0.subject) \($0.complaint).\n      \($0.remedy)" }
        return "\(head):\n" + lines.joined(separator: "\n")
    }
}
