import AuthorizationServer
import JOSE
import JSON
import OAuthTypes
import Stores

/// Shows the signing keys.
struct KeysListCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["keys", "list"],
        summary: "List the signing keys.",
        discussion: """
            Each algorithm has keys of its own. States: next is published and does not sign yet; current signs; retiring is
            published until the last token that it signed has expired. SINCE is when a key
            came to its state. A key of ECDH-ES signs nothing: clients encrypt request objects to it while it is current, and
            only then it is published. DEVICE is where a key is whose private part is not in the database.
            """,
        options: [.json],
        examples: [CommandUsage.Example(purpose: "The key that signs now", command: currentKeyCommand)]
    )

    private static let currentKeyCommand =
        "martlet keys list --json |\n"
        + "  jq -r '.[] | select(.state == \"current\" and .alg == \"ES256\").kid'"

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let keys = try await tool.stores.keys.list()
        // Without the master key the rest is worth showing, too.
        let masterKey = try? tool.configuration.masterKey.read()
        func device(_ key: SigningKeyRecord) -> DeviceKey? {
            masterKey.flatMap { try? StoredSigningKey(opening: key.sealed, with: $0) }?.device
        }
        guard !isJSON else {
            tool.console.print { writer in
                writer.array { writer in
                    for key in keys {
                        writer.element {
                            $0.member("kid", key.id.rawValue)
                            $0.member("alg", key.algorithm)
                            $0.member("state", key.state.rawValue)
                            $0.member("created_at", key.createdAt.internetDate)
                            $0.member("changed_at", key.changedAt.internetDate)
                            $0.member("device", device(key)?.uri.text)
                        }
                    }
                }
            }
            return
        }
        guard !keys.isEmpty else {
            tool.console.print("There are no signing keys yet; the first `martlet serve` makes them.")
            return
        }
        var table = TextTable("KID", "ALG", "STATE", "SINCE", "MADE", "DEVICE")
        for key in keys {
            table.add(
                key.id.rawValue,
                key.algorithm,
                key.state.rawValue,
                key.changedAt.internetDate,
                key.createdAt.internetDate,
                device(key)?.uri.text ?? ""
            )
        }
        tool.console.print(table.text)
        let policy = tool.configuration.policy
        for key in keys where device(key) != nil && key.isOverdue(policy, at: tool.clock.now) {
            tool.console.complain(
                "martlet: \(Console.visible(key.id.rawValue)) signs for longer than "
                    + "\(Setting.keyRotationInterval.rawValue) has it; make another key in the device, import it, and rotate"
            )
        }
    }
}

extension SigningKeyRecord {
    /// Whether it signs for longer than keys should.
    func isOverdue(_ policy: Policy, at now: Timestamp) -> Bool {
        state == .current && changedAt + policy.keyRotationInterval < now
    }
}
