public import AuthorizationServer
public import JOSE
import OAuthTypes
public import Stores

/// A whole authorization server without HTTP and without a database: stores in memory, a clock that stands still, chance
/// that repeats itself, keys made at the start.
public struct TestServer: Sendable {
    /// What the endpoints work with.
    public let environment: ServerEnvironment
    /// Its clock.
    public let clock: TestClock
    /// Its master key.
    public let masterKey: MasterKey
    /// A confidential client of a third party, registered.
    public let client: Client
    /// A person with an enabled account.
    public let user: User

    /// A server with one client and one person.
    ///
    /// Two servers with different seeds share nothing but the issuer's name, unless they are given the same one.
    public init(
        policy: Policy = Policy(), issuer: String = "https://id.example", seed: UInt64 = 1,
        storage: Storage = .inMemory(), devices: (any DeviceSigning)? = nil,
        documents: any RemoteDocuments = NoRemoteDocuments()
    ) async throws {
        clock = TestClock()
        let random = SeededRandom(seed: seed)
        masterKey = MasterKey(Secret(SeededRandom(seed: ~seed).bytes(MasterKey.count)))!
        environment = ServerEnvironment(
            issuer: Issuer(issuer)!,
            policy: policy,
            clock: clock,
            random: random,
            storage: storage,
            masterKey: masterKey,
            devices: devices,
            documents: documents
        )
        let rotation = KeyRotation(storage.keys, masterKey: masterKey, clock: clock, policy: policy)
        try await rotation.begin()
        try environment.keys.load(try await storage.keys.list(), opening: masterKey)
        client = .confidential()
        user = .withNothingOptional(id: "u_zoe", email: "zoe@example.org")
        try await register(client)
        _ = try await storage.users.insert(user)
    }

    /// Its records.
    public var storage: Storage { environment.storage }

    /// Registers a client, in place of one of the same identifier.
    @discardableResult
    public func register(_ client: Client) async throws -> Client {
        _ = try await storage.clients.remove(client.id)
        _ = try await storage.clients.insert(client)
        environment.clients.forget()
        return client
    }

    /// Configures a resource, in place of one of the same identifier.
    @discardableResult
    public func configure(_ resource: Resource) async throws -> Resource {
        _ = try await storage.resources.remove(resource.id)
        _ = try await storage.resources.insert(resource)
        environment.clients.forget()
        return resource
    }

    /// Makes an account.
    @discardableResult
    public func addUser(_ name: String) async throws -> User {
        let user = User.withNothingOptional(id: "u_" + name, email: name + "@example.org")
        _ = try await storage.users.insert(user)
        return user
    }

    /// One step in the life of the keys; the key ring sees it at once.
    public func rotateKeys() async throws {
        let policy = environment.policy
        _ = try await KeyRotation(storage.keys, masterKey: masterKey, clock: clock, policy: policy).rotate()
        try environment.keys.load(try await storage.keys.list(), opening: masterKey)
    }
}
