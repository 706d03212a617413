import AuthorizationServer
import HTTP
import Identity
import JOSE
import OAuthTypes
import Reactor
import SQLStores
import Stores
import Web

/// A whole node as `serve` wires it, on a SQLite database of its own, with one person and one relying party.
struct SizingNode: Sendable {
    let site: Site
    let party: Party
    private let environment: ServerEnvironment
    private let storage: SQLStorage
    private let passwords: WorkerPool

    /// Who uses it.
    struct Party: Sendable {
        let clientID = "sizing"
        let redirectURI = "https://client.invalid/callback"
        let email = "person@client.invalid"
        let password: String
        let clientSecret: String

        init(random: some RandomSource) {
            password = Base64URL.encode(random.bytes(16))
            clientSecret = Base64URL.encode(random.bytes(32))
        }

        /// What the client proves itself with: RFC 6749 §2.3.1.
        var proof: String { "Basic " + Base64.encode(Array("\(clientID):\(clientSecret)".utf8)) }
    }

    /// Hashing passwords: the cost of each, and how many at a time.
    struct Hashing: Sendable {
        let parameters: Argon2Parameters
        let threads: Int
    }

    init(in folder: ScratchFolder, _ policy: Policy, _ hashing: Hashing, templates: String?) async throws {
        let (clock, random) = (SystemClock(), SystemRandom())
        guard let masterKey = MasterKey(Secret(random.bytes(MasterKey.count))),
            let issuer = Issuer("https://provider.invalid")
        else { throw CommandFailure("the sizing cannot make a key") }
        let pages = try Server.pages(TemplateSettings(folder: templates), basePath: issuer.path)
        storage = try SQLStorage.openSQLite(at: folder.path + "/martlet.db", role: .server)
        environment = ServerEnvironment(
            issuer: issuer, policy: policy, clock: clock, random: random, storage: storage.stores, masterKey: masterKey)
        passwords = try Server.passwordPool(hashing.threads)
        let hasher = try PasswordHasher(pool: passwords, parameters: hashing.parameters)
        party = Party(random: random)
        let stores = storage.stores
        // The limits would stop the run long before the processor does.
        let signIn = LimitedSignIn(
            PasswordSignIn(stores.users, hasher: hasher), attempts: stores.attempts,
            known: KnownBrowsers(masterKey, random: random), limits: .none, clock: clock)
        site = Site(
            Site.Parts(
                environment: environment,
                sessions: Sessions(stores.sessions, clock: clock, random: random, lifetime: policy.sessionLifetime),
                signIn: signIn,
                secondFactor: SecondFactor(
                    stores, masterKey: masterKey, clock: clock, random: random, issuer: issuer.host),
                audit: AuditTrail(stores, masterKey: masterKey, clock: clock, random: random),
                account: Site.AccountParts(environment, hasher: hasher, signIn: signIn, wake: nil),
                pages: pages,
                development: nil,
                report: { _, _ in }
            )
        )
        try await KeyRotation(stores.keys, masterKey: masterKey, clock: clock, policy: policy).begin()
        try environment.keys.load(try await stores.keys.list(), opening: masterKey)
        _ = try await Accounts(stores.users, hasher: hasher, clock: clock, random: random).add(
            email: party.email, name: "Person", isVerified: true, password: party.password)
        _ = try await stores.clients.insert(try SizingNode.client(party, at: clock.now))
        try await site.reload()
    }

    /// Verifies an access token's form, signature and claims, remembering nothing: RFC 9068 §4.
    func verify(_ token: String) throws {
        guard let keys = environment.keys.published else { throw CommandFailure("there is no key to verify with") }
        let issuer = environment.issuer.url
        let expectation = JWTExpectation(
            type: .exactly("at+jwt"), issuer: .exactly(issuer), audience: .contains(issuer),
            now: environment.clock.now.seconds, leeway: 60)
        _ = try VerifiedJWT(token, signedBy: keys, as: expectation)
    }

    /// Lets what runs finish and closes the database.
    func close() async {
        await passwords.stop()
        await storage.close()
    }

    private static func client(_ party: Party, at now: Timestamp) throws -> Client {
        guard let id = ClientID(party.clientID) else { throw CommandFailure("the sizing cannot make a client") }
        return Client(
            id: id, name: "Sizing", secretDigest: TokenDigest(of: party.clientSecret),
            authenticationMethods: [.clientSecretBasic],
            redirectURIs: [try RedirectURI(registering: party.redirectURI)],
            postLogoutRedirectURIs: [], grantTypes: [.authorizationCode, .refreshToken],
            scopes: [.openid, .profile, .email], party: .first, createdAt: now)
    }
}
