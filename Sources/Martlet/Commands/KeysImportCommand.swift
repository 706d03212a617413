import AuthorizationServer
import Identity
import JOSE
import JSON
import OAuthTypes
import Stores

/// Takes a signing key that was made elsewhere.
struct KeysImportCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["keys", "import"],
        summary: "Take a signing key that was made elsewhere.",
        discussion: """
            The file is PEM, PKCS#8 or PKCS#12 (DER), or a private JWK, whose kid is kept. The
            key is sealed with the master key; remove the file afterwards. It takes the place of
            the next key and signs at the next rotation, once it is published for six minutes.

            With --as current it signs at once: for keys that clients know already, such as those
            of a provider whose place this one takes.
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The file with the private key."),
        options: [.passwordFile, .place, .keyAlgorithm, .json],
        examples: [
            CommandUsage.Example(
                purpose: "From a PKCS#12 file", command: "martlet keys import key.p12 --password-file key.password"),
            CommandUsage.Example(
                purpose: "An RSA key for PS256", command: "martlet keys import rsa.pem --algorithm PS256"),
        ]
    )

    private let path: String
    private let passwordPath: String?
    private let state: SigningKeyRecord.State
    private let algorithm: SignatureAlgorithm?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let words = KeysImportCommand.usage.words
        guard let operand = arguments.operand else { throw UsageError("FILE is missing", in: words) }
        path = operand
        passwordPath = arguments.value(.passwordFile)
        let algorithms: [SignatureAlgorithm] = try arguments.choices(.keyAlgorithm)
        algorithm = algorithms.first
        isJSON = arguments.has(.json)
        switch arguments.value(.place) {
        case nil, "next": state = .next
        case "current": state = .current
        case let word?: throw .unknown("--as", word, known: ["next", "current"], in: words)
        }
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let rotation = try tool.keyRotation()
        let key = try readKey(tool.console)
        let id: KeyID
        do {
            id = try await rotation.adopt(key, as: state)
        } catch KeyRotation.Refusal.unused(let algorithm) {
            throw CommandFailure(
                .badData,
                "the key is for \(algorithm.rawValue), which nothing is signed with; "
                    + "add it to \(Setting.signingAlgorithms.rawValue), or choose another with --algorithm")
        } catch KeyRotation.Refusal.present(let id) {
            throw CommandFailure(.badData, "the key is there already, as \(Console.visible(id.rawValue))")
        }
        try await tool.note(.keyImported, details: ["kid": id.rawValue, "state": state.rawValue])
        guard !isJSON else {
            tool.console.print { writer in
                writer.object {
                    $0.member("kid", id.rawValue)
                    $0.member("alg", key.algorithm.rawValue)
                    $0.member("state", state.rawValue)
                }
            }
            return
        }
        let place = state == .current ? "signs from now on" : "is the next one"
        tool.console.print(
            "Key \(Console.visible(id.rawValue)) \(place) for \(key.algorithm.rawValue). Remove the file: the key is sealed "
                + "in the database now.")
        if state == .current {
            tool.console.print("Who has a copy of the key set without it refuses new tokens for up to five minutes.")
        }
    }

    private func readKey(_ console: Console) throws(CommandFailure) -> SigningKey {
        let contents = try KeysImportCommand.read(path)
        if contents.mode & 0o077 != 0 {
            console.complain("martlet: others than its owner may read \(Console.visible(path)); consider who has")
        }
        var password: Secret?
        if let passwordPath {
            var bytes = try KeysImportCommand.read(passwordPath).bytes
            while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
            password = Secret(bytes)
        }
        do {
            return try PrivateKeyFile.read(contents.bytes, password: password, algorithm: algorithm)
        } catch {
            throw CommandFailure(.badData, "\(Console.visible(path)) cannot be used: \(error)")
        }
    }

    private static func read(_ path: String) throws(CommandFailure) -> SmallFile.Contents {
        do {
            return try SmallFile.read(path, limit: 256 * 1024)
        } catch {
            throw CommandFailure(.badData, "\(Console.visible(path)) cannot be read: \(error)")
        }
    }
}

extension Option {
    fileprivate static let passwordFile = once(
        "--password-file", "FILE", "A file with the password of the key; the line break at its end does not count.")
    fileprivate static let place = once("--as", "STATE", "next, or current to sign at once; next if none.")
    fileprivate static let keyAlgorithm = once(
        "--algorithm", "NAME", "What an RSA key signs with; RS256 if none. Other keys have one algorithm.")
}
