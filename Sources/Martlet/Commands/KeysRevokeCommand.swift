import AuthorizationServer
import Identity
import JSON
import OAuthTypes
import Stores

/// Drops a signing key at once.
struct KeysRevokeCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["keys", "revoke"],
        summary: "Drop a signing key at once, because somebody else may know it.",
        discussion: """
            The key leaves the key set; if it was the one that signs, the next one signs from
            now on. Within two seconds every node refuses what the dropped key signed: access
            tokens at UserInfo, ID tokens as hints. Whoever verifies tokens with a copy of the
            key set does so when the copy ends, after five minutes at most
            (the verifier library: hours later, where it cannot reach the server). Clients get new
            tokens with their refresh tokens, which no signing key makes; nobody has to sign in
            again.
            """,
        operand: CommandUsage.Operand(name: "KID", summary: "The key's identifier, as `martlet keys list` shows it."),
        options: [.json],
        examples: [CommandUsage.Example(purpose: "The key is known", command: "martlet keys revoke Rv3…")]
    )

    private let id: KeyID
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard let operand = arguments.operand else {
            throw UsageError("KID is missing", in: KeysRevokeCommand.usage.words)
        }
        id = KeyID(rawValue: operand)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let revocation: KeyRotation.Revocation
        do {
            revocation = try await tool.keyRotation().revoke(id)
        } catch KeyRotation.Refusal.unknown {
            throw CommandFailure(
                "there is no signing key \(Console.visible(id.rawValue)); `martlet keys list` shows those there are")
        }
        try await tool.note(.keyRevoked, details: ["kid": id.rawValue])
        guard !isJSON else {
            tool.console.print { writer in
                writer.object {
                    $0.member("revoked", id.rawValue)
                    $0.member("was", revocation.state.rawValue)
                    $0.member("current", revocation.current?.rawValue)
                }
            }
            return
        }
        tool.console.print("The key is gone; it was \(revocation.state.rawValue).")
        if revocation.state == .current, let current = revocation.current {
            tool.console.print("Key \(Console.visible(current.rawValue)) takes its place from now on.")
        }
        if revocation.isUnpublished {
            tool.console.print(
                "It is so new that copies of the key set may lack it: who has one refuses new tokens for up to five minutes."
            )
        }
        let minutes = Policy.keySetLifetime.components.seconds / 60
        tool.console.print(
            "Every node refuses what the key signed within two seconds, others when their copy of the key set ends: "
                + "in \(minutes) minutes.")
    }
}
