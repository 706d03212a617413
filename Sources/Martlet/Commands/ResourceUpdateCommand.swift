import Identity
import OAuthTypes
import Stores

/// Changes a resource.
struct ResourceUpdateCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["resource", "update"],
        summary: "Change a configured resource; what is not named stays.",
        discussion: """
            An option replaces all values of its kind. A running server knows the change
            within two seconds; tokens that were issued stay as they are.
            """,
        operand: .resourceID,
        options: [.resourceID] + ResourceOptions.all + [.json],
        examples: [
            CommandUsage.Example(
                purpose: "For one client alone",
                command: "martlet resource update https://api.example.com --client shop")
        ]
    )

    private let id: String
    private let options: ResourceOptions
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .resourceID)
        options = try ResourceOptions(arguments)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        var resource = try await tool.resource(id)
        try await options.apply(to: &resource, in: tool)
        guard try await tool.stores.resources.replace(resource) else { throw CommandFailure.noResource(resource.id) }
        try await tool.note(.resourceChanged, details: ["resource": resource.id.rawValue])
        resource.show(on: tool.console, asJSON: isJSON)
    }
}
