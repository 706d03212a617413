import JSON
import SQLStores

/// Brings the schema of the database up to this version.
struct MigrateCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["migrate"],
        summary: "Bring the database up to this version.",
        discussion: """
            The server does the same when it starts. It is safe to run twice, and beside a
            running server. A database is made where there is none.
            """,
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "Before the new version is started",
                command: "MARTLET_DATABASE=sqlite:/var/lib/martlet/martlet.db martlet migrate"
            )
        ]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let applied = tool.storage.applied
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.array("applied") { writer in
                        for step in applied {
                            writer.element {
                                $0.member("number", step.number)
                                $0.member("name", step.name)
                            }
                        }
                    }
                }
            }
        } else if applied.isEmpty {
            tool.console.print("The database is up to date.")
        } else {
            for step in applied { tool.console.print("Applied \(step.number): \(step.name)") }
        }
    }
}
