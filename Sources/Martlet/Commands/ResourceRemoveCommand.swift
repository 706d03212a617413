import Identity
import JSON
import OAuthTypes
import Stores

/// Removes a resource.
struct ResourceRemoveCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["resource", "remove"],
        summary: "Remove a configured resource.",
        discussion: """
            A running server issues no token for it any more within two seconds. Access tokens
            that are out are valid until they expire.
            """,
        operand: .resourceID,
        options: [.resourceID, .json],
        examples: [
            CommandUsage.Example(
                purpose: "An interface that is no more", command: "martlet resource remove https://api.example.com")
        ]
    )

    private let id: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .resourceID)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let id = try ResourceIdentifier(argument: id)
        guard try await tool.stores.resources.remove(id) else { throw CommandFailure.noResource(id) }
        try await tool.note(.resourceRemoved, details: ["resource": id.rawValue])
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("resource", id.rawValue)
                    $0.member("removed", true)
                }
            }
        } else {
            tool.console.print("Removed resource \(id.rawValue).")
        }
    }
}
