import Glibc
import Identity
import JSON
import OAuthTypes

/// Looks at a filter of breached passwords, every byte of it.
struct PasswordsShowFilterCommand: Command {
    static let usage = CommandUsage(
        words: ["passwords", "show-filter"],
        summary: "Look at a filter of breached passwords, and whether it is whole.",
        discussion: """
            Without FILE it is the one that the server would take. A server checks the values
            of a small filter at every start, and those of one with many megabytes never:
            this command does.
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The filter."),
        options: [.json],
        examples: [
            CommandUsage.Example(purpose: "The one in use", command: "martlet passwords show-filter")
        ]
    )

    private let path: String?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        path = arguments.operand
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let path = try self.path ?? PasswordsShowFilterCommand.configured(settings)
        let filter = try PasswordFileSearch.openFilter(path)
        do {
            try filter.verify()
        } catch {
            throw CommandFailure("\(Console.visible(path)) cannot be used: \(error)")
        }
        if isJSON {
            console.print { writer in
                writer.object {
                    $0.member("file", path)
                    filter.write(to: &$0)
                }
            }
        } else {
            console.print(
                "\(Console.visible(path)), made \(filter.madeAt.internetDate): \(filter.summary). It is whole.")
        }
        exit(ExitStatus.success.rawValue)
    }

    private static func configured(_ settings: Settings) throws -> String {
        var reader = SettingsReader(settings)
        let (passwords, templates) = (reader.passwords(), reader.templates())
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        guard let path = PasswordFileSearch.filter(passwords, templates: templates) else {
            throw CommandFailure("there is no filter: \(Setting.passwordFilter.rawValue) says none, or it is not found")
        }
        return path
    }
}
