import AuthorizationServer
import Identity
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
            valid: its key is published until the last token has expired. A key that is not
            published for six minutes yet is refused, because copies of the key set without it
            may still be in use. The server rotates by itself every 90 days
            (MARTLET_KEY_ROTATION_INTERVAL), unless the key that signs is in a device: then once
            somebody has imported its successor.
            """,
        options: [.algorithm, .json],
        examples: [
            CommandUsage.Example(purpose: "A new key for today", command: "martlet keys rotate"),
            CommandUsage.Example(purpose: "Of another algorithm", command: "martlet keys rotate --algorithm RS256"),
        ]
    )

    private let algorithm: SignatureAlgorithm?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let algorithms: [SignatureAlgorithm] = try arguments.choices(.algorithm)
        algorithm = algorithms.first
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let rotated: KeyID?
        do {
            rotated = try await tool.keyRotation().rotate(algorithm)
        } catch let error as KeyDeviceError {
            throw CommandFailure("the next key cannot be used: \(error)")
        }
        guard let current = rotated else {
            throw CommandFailure("another rotation came first; `martlet keys list` shows what holds now")
        }
        try await tool.note(.keyRotated, details: ["kid": current.rawValue])
        if isJSON {
            tool.console.print { writer in writer.object { $0.member("current", current.rawValue) } }
        } else {
            tool.console.print("Key \(Console.visible(current.rawValue)) signs from now on.")
        }
    }
}

extension Option {
    static let algorithm = once(
        "--algorithm", "NAME", "Which algorithm's key, such as RS256; the first of MARTLET_SIGNING_ALGORITHMS if none.")
}

extension Tool {
    /// The life of the keys, opened with the master key of the settings.
    func keyRotation() throws -> KeyRotation {
        KeyRotation(
            stores.keys, masterKey: try configuration.requireMasterKey(), clock: clock, policy: configuration.policy,
            devices: DeviceThreads(configuration.keyDevices.devices()))
    }
}
