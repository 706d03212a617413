import OAuthTypes
import Stores

/// Shows one resource.
struct ResourceShowCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["resource", "show"],
        summary: "Show a configured resource.",
        operand: .resourceID,
        options: [.resourceID, .json],
        examples: [
            CommandUsage.Example(purpose: "For people", command: "martlet resource show https://api.example.com")
        ]
    )

    private let id: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .resourceID)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        try await tool.resource(id).show(on: tool.console, asJSON: isJSON)
    }
}
