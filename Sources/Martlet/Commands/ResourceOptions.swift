import AuthorizationServer
import JOSE
import OAuthTypes
import Stores

/// The options of `resource add` and `resource update`, and the rules that make a resource of them.
struct ResourceOptions: Sendable {
    static let name = Option.once(
        "--name", "NAME", "What people read on the consent page; its identifier unless given.")
    static let scope = Option.repeatable("--scope", "SCOPE", "What means something there; also several in quotes.")
    static let format = Option.once("--format", "FORMAT", "Of its access tokens: jwt (RFC 9068), or opaque.")
    static let tokenLifetime = Option.once(
        "--token-lifetime", "SECONDS", "How long its access tokens live, 30 to 3600; 0: as long as any.")
    static let grantLifetime = Option.once(
        "--grant-lifetime", "SECONDS",
        "How long a grant for it lives at most, with its refresh tokens; 0: as long as any.")
    static let algorithm = Option.once(
        "--algorithm", "ALG", "What signs its JWTs; default: what signs any.")
    static let client = Option.repeatable("--client", "ID", "Who may ask for it; every client unless one is named.")
    static let anyClient = Option.flag("--any-client", "Every client may ask for it.")

    static let all: [Option] = [name, scope, format, tokenLifetime, grantLifetime, algorithm, client, anyClient]

    /// Longer ones could outlive the keys that verify them.
    private static let tokenLifetimes: ClosedRange<Int64> = 30...3600
    private static let grantLifetimes: ClosedRange<Int64> = 60...315_360_000

    private let name: String?
    private let scopes: [String]
    private let format: AccessTokenFormat?
    /// Zero stands for none.
    private let tokenLifetime: Int64?
    private let grantLifetime: Int64?
    private let algorithm: SignatureAlgorithm?
    private let clients: [String]
    private let isForAnyClient: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        name = arguments.value(ResourceOptions.name)
        scopes = arguments.values(ResourceOptions.scope)
        let formats: [AccessTokenFormat] = try arguments.choices(ResourceOptions.format)
        format = formats.first
        let algorithms: [SignatureAlgorithm] = try arguments.choices(ResourceOptions.algorithm)
        algorithm = algorithms.first
        tokenLifetime = try ResourceOptions.seconds(
            arguments, ResourceOptions.tokenLifetime, within: ResourceOptions.tokenLifetimes)
        grantLifetime = try ResourceOptions.seconds(
            arguments, ResourceOptions.grantLifetime, within: ResourceOptions.grantLifetimes)
        clients = arguments.values(ResourceOptions.client)
        isForAnyClient = arguments.has(ResourceOptions.anyClient)
        if isForAnyClient, !clients.isEmpty {
            throw UsageError("--any-client and --client exclude each other", in: arguments.usage.words)
        }
    }

    private static func seconds(
        _ arguments: Arguments, _ option: Option, within range: ClosedRange<Int64>
    ) throws(UsageError) -> Int64? {
        guard let text = arguments.value(option) else { return nil }
        guard let seconds = Int64(text), seconds == 0 || range.contains(seconds) else {
            throw UsageError(
                "\(option.name) takes 0, or \(range.lowerBound) to \(range.upperBound) seconds",
                in: arguments.usage.words)
        }
        return seconds
    }

    /// Changes a resource as the options say; what is not named stays.
    func apply(to resource: inout Resource, in tool: Tool) async throws {
        if let name {
            guard (1...100).contains(name.count) else {
                throw CommandFailure(.badData, "--name has 1 to 100 characters")
            }
            resource.name = name
        }
        if !scopes.isEmpty {
            guard let set = ScopeSet(parsing: scopes.joined(separator: " ")) else {
                throw CommandFailure(.badData, "--scope takes at most \(ScopeSet.limit) scopes: printable ASCII")
            }
            resource.scopes = set
        }
        if let format { resource.format = format }
        if let tokenLifetime { resource.tokenLifetime = tokenLifetime == 0 ? nil : tokenLifetime }
        if let grantLifetime { resource.grantLifetime = grantLifetime == 0 ? nil : grantLifetime }
        if let algorithm {
            let available = try await tool.signingAlgorithms()
            guard available.isEmpty || available.contains(algorithm) else {
                throw CommandFailure(
                    .badData,
                    "there is no key for \(algorithm.rawValue); add it to MARTLET_SIGNING_ALGORITHMS first")
            }
            resource.algorithm = algorithm
        }
        if isForAnyClient { resource.clients = [] }
        if !clients.isEmpty {
            var named: Set<ClientID> = []
            for text in clients {
                let id = try ClientID(argument: text)
                guard try await tool.stores.clients.find(id) != nil else { throw CommandFailure.noClient(text) }
                named.insert(id)
            }
            resource.clients = named
        }
    }
}

extension Option {
    static let resourceID = once("--id", "URI", "The identifier of the resource.")
}

extension CommandUsage.Operand {
    static let resourceID = CommandUsage.Operand(
        name: "URI", summary: "The identifier of the resource, its audience; --id does the same.")
}

extension ResourceIdentifier {
    /// An identifier from the command line.
    init(argument text: String) throws(CommandFailure) {
        guard let id = ResourceIdentifier(text) else {
            throw CommandFailure(
                .badData,
                "\(Console.visible(text)) is no identifier of a resource: an absolute URI without fragment, of at most "
                    + "\(ResourceIdentifier.limit) characters")
        }
        self = id
    }
}

extension CommandFailure {
    static func noResource(_ id: ResourceIdentifier) -> CommandFailure {
        CommandFailure("there is no resource \(id.rawValue); `martlet resource list` shows all")
    }
}

extension Tool {
    /// A configured resource by its identifier.
    func resource(_ text: String) async throws -> Resource {
        let id = try ResourceIdentifier(argument: text)
        guard let resource = try await stores.resources.list().first(where: { $0.id == id }) else {
            throw CommandFailure.noResource(id)
        }
        return resource
    }
}
