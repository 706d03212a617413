import Glibc
import Identity
import JSON
import Reactor

/// Says of a password what the server would say to somebody who chooses it.
struct PasswordsCheckCommand: Command {
    static let usage = CommandUsage(
        words: ["passwords", "check"],
        summary: "Say whether a password may be chosen, and why not.",
        discussion: """
            The password is read from standard input, up to the first line break; at a
            terminal it is asked for and not shown. It goes nowhere, but that five digits of
            its SHA-1 are sent to MARTLET_PASSWORD_RANGE where that is set.

            The exit status is 0 if the server would take it, else 1.
            """,
        options: [name, .email, secondFactor, .json],
        examples: [
            CommandUsage.Example(
                purpose: "For somebody whose name is known", command: "martlet passwords check --name \"Ada Lovelace\"")
        ]
    )

    private static let name = Option.once("--name", "NAME", "The full name of the person.")
    private static let secondFactor = Option.flag("--second-factor", "The account has a second factor.")

    private let owner: PasswordOwner
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        owner = PasswordOwner(
            name: arguments.value(Self.name) ?? "", email: arguments.value(.email) ?? "",
            factors: arguments.has(Self.secondFactor) ? .withSecondFactor : .passwordAlone)
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        ProcessMemory.hide()
        var reader = SettingsReader(settings)
        let (passwords, templates, issuer) = (reader.passwords(), reader.templates(), reader.issuer())
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        let fetch = passwords.range == nil ? nil : try OutgoingFetch()
        let judge = try PasswordFileSearch.judge(passwords, templates: templates, issuer: issuer, fetch: fetch)
        let (text, owner, isJSON) = (try console.readSecret("Password"), owner, isJSON)
        MainTask.run(on: try EventLoopGroup(count: 1), console) {
            let verdict = await judge.judgeChosen(text, of: owner)
            if isJSON { console.print(json: verdict.write) } else { console.print(verdict.text) }
            exit((verdict.isAcceptable ? ExitStatus.success : .failure).rawValue)
        }
    }
}

extension PasswordVerdict {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("acceptable", isAcceptable)
            $0.member("score", score)
            $0.member("guesses_log10", (guesses * 100).rounded() / 100)
            $0.member("refusal", refusal?.rawValue)
            $0.member("warning", warning?.rawValue)
            $0.member("suggestions", suggestions.map(\.rawValue))
        }
    }

    /// For people.
    var text: String {
        var lines: [String] = []
        switch refusal {
        case nil: lines.append("It may be chosen.")
        case .tooShort: lines.append("Too short: it must have \(minimumLength) characters.")
        case .tooLong: lines.append("Too long: \(Password.byteLimit) bytes are the most.")
        case .breached: lines.append("It is on the list of breached passwords.")
        case .tooWeak: lines.append("It would be guessed too soon.")
        }
        lines.append("Score \(score) of 4: about 10^\((guesses * 10).rounded() / 10) guesses.")
        if let warning { lines.append("Easy to guess: \(warning.words).") }
        return lines.joined(separator: "\n")
    }
}

extension PasswordVerdict.Warning {
    fileprivate var words: String {
        switch self {
        case .commonPassword: "many people use it"
        case .nearCommonPassword: "it is close to one that many people use"
        case .word: "a single word"
        case .name: "a name"
        case .ownWord: "what is known of the person or the site"
        case .keyboard: "neighbouring keys"
        case .repeats: "the same again and again"
        case .sequence: "a row such as abcd"
        case .date: "a date or a year"
        }
    }
}
