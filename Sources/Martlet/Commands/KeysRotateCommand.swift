import AuthorizationServer
import JOSE
import JSON
import OAuthTypes
import Stores

/// Lets the next signing key sign.
struct KeysRotateCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["keys", "rotate"],
        summary: "Let the next signing key sign, and make another next one.",
        discussion: """
            A running server takes the new key within two seconds. What was signed before stays
            valid: its key is published until the last token has expired. The server rotates by
            itself every 90 days.
            """,
        options: [.json],
        examples: [CommandUsage.Example(purpose: "A new key for today", command: "martlet keys rotate")]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let rotation = KeyRotation(
            tool.stores.keys,
            masterKey: try tool.configuration.requireMasterKey(),
            clock: tool.clock,
            policy: tool.configuration.policy
        )
        guard let current = try await rotation.rotate() else {
            throw CommandFailure("another rotation came first; `martlet keys list` shows what holds now")
        }
        if isJSON {
            tool.console.print { writer in writer.object { $0.member("current", current.rawValue) } }
        } else {
            tool.console.print("Key \(current) signs from now on.")
        }
    }
}
