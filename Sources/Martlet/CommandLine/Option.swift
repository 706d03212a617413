/// An option of a command.
struct Option: Sendable, Hashable {
    /// How often it may come.
    enum Kind: Sendable, Hashable {
        /// There or not, without a value.
        case flag
        case once(value: String)
        case repeatable(value: String)
    }

    /// With its dashes.
    let name: String
    let kind: Kind
    /// What it does, in a line of help.
    let summary: String

    static func flag(_ name: String, _ summary: String) -> Option {
        Option(name: name, kind: .flag, summary: summary)
    }

    /// `value` is the word that stands for the value in the help.
    static func once(_ name: String, _ value: String, _ summary: String) -> Option {
        Option(name: name, kind: .once(value: value), summary: summary)
    }

    static func repeatable(_ name: String, _ value: String, _ summary: String) -> Option {
        Option(name: name, kind: .repeatable(value: value), summary: summary)
    }

    /// The option as help shows it: `--id ID`.
    var spelling: String {
        switch kind {
        case .flag: name
        case .once(let value), .repeatable(let value): name + " " + value
        }
    }

    static let help = flag("--help", "Show this text.")
    static let version = flag("--version", "Show the version.")
    static let json = flag("--json", "Print JSON for programs instead of text for people.")
}
