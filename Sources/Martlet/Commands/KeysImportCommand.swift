import AuthorizationServer
import Identity
import JOSE
import JSON
import OAuthTypes
import SQLStores
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

            With --uri the private key stays in a PKCS #11 token (pkcs11:token=…;object=…) or a
            TPM (handle:0x81…, with ?pass where it has a password), and only the URI and the
            public key are kept. The PIN is read from MARTLET_KEY_DEVICE_PIN_FILE. No key of the
            server's own making follows such a key: import the next one yourself.

            With --as current it signs at once: for keys that clients know already, such as those
            of a provider whose place this one takes.
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The file with the private key, unless --uri names it."),
        options: [.uri, .passwordFile, .place, .keyAlgorithm, .json],
        examples: [
            CommandUsage.Example(
                purpose: "From a PKCS#12 file", command: "martlet keys import key.p12 --password-file key.password"),
            CommandUsage.Example(
                purpose: "An RSA key for PS256", command: "martlet keys import rsa.pem --algorithm PS256"),
            CommandUsage.Example(
                purpose: "A key of a token",
                command: "martlet keys import --uri 'pkcs11:token=martlet;object=signing-2027'"),
        ]
    )

    /// Also before the first start.
    static let schema = SQLStorage.SchemaPolicy.begin

    private enum Place {
        case file(String)
        case device(KeyURI)
    }

    private let place: Place
    private let passwordPath: String?
    private let state: SigningKeyRecord.State
    private let algorithm: SignatureAlgorithm?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let words = KeysImportCommand.usage.words
        switch (arguments.operand, arguments.value(.uri)) {
        case (let path?, nil): place = .file(path)
        case (nil, let text?):
            do { place = .device(try KeyURI(text)) } catch {
                throw UsageError("--uri cannot be used: \(error)", in: words)
            }
        case (nil, nil): throw UsageError("FILE is missing, or --uri", in: words)
        case (_?, _?): throw UsageError("FILE and --uri exclude each other", in: words)
        }
        passwordPath = arguments.value(.passwordFile)
        if case .device = place, passwordPath != nil {
            throw UsageError("--password-file is for FILE; a device has its PIN from the settings", in: words)
        }
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
        let key: StoredSigningKey
        switch place {
        case .file(let path): key = .inProcess(try readKey(path, tool.console))
        case .device(let uri): key = .inDevice(try find(uri, tool.configuration.keyDevices))
        }
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
        let role = state == .current ? "signs from now on" : "is the next one"
        let rest =
            key.device == nil
            ? "Remove the file: the key is sealed in the database now."
            : "It stays in its device, which every node must reach."
        tool.console.print("Key \(Console.visible(id.rawValue)) \(role) for \(key.algorithm.rawValue). \(rest)")
        if state == .current {
            tool.console.print("Who has a copy of the key set without it refuses new tokens for up to five minutes.")
        }
    }

    private func find(_ uri: KeyURI, _ settings: KeyDeviceSettings) throws(CommandFailure) -> DeviceKey {
        do {
            return try settings.devices().find(uri, for: algorithm)
        } catch {
            throw CommandFailure(.badData, "\(uri) cannot be used: \(error)")
        }
    }

    private func readKey(_ path: String, _ console: Console) throws(CommandFailure) -> SigningKey {
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
    fileprivate static let uri = once("--uri", "URI", "Where in a token or TPM the private key is.")
    fileprivate static let passwordFile = once(
        "--password-file", "FILE", "A file with the password of the key; the line break at its end does not count.")
    fileprivate static let place = once("--as", "STATE", "next, or current to sign at once; next if none.")
    fileprivate static let keyAlgorithm = once(
        "--algorithm", "NAME", "What an RSA key signs with; RS256 if none. Other keys have one algorithm.")
}
