import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Pages
import Reactor
import Stores
import Synchronization
import Testing
import Web

/// A whole site in memory, without sockets: one relying party, one person, cheap password hashes.
struct TestSite {
    static let email = "ada@example.com"
    static let password = "correct horse battery staple"
    static let secret = "test-secret-of-the-shop-0123456789abcdef"
    static let redirectURI = "https://shop.example/callback"
    static let templates = String(#filePath.dropLast("Tests/WebTests/TestSite.swift".utf8.count)) + "templates"

    /// What the client may ask for.
    static let scopes: ScopeSet = [.openid, .profile, .email, .offlineAccess, Scope("orders:read")!]
    /// Every scope that stands for claims.
    static let everyScope: ScopeSet = [.openid, .profile, .email, .address, .phone]

    let site: Site
    let environment: ServerEnvironment
    let clock: TestClock
    let failures = Failures()
    let user: User
    let pool: WorkerPool
    let sessions: Sessions
    let accounts: Accounts
    let audit: AuditTrail
    let federation: Site.FederationParts?

    /// Secrets in mails.
    let codes: MailCodes

    /// What mail is made over.
    struct MailGround {
        let storage: Storage
        let accounts: Accounts
        let codes: MailCodes
        let clock: TestClock
    }

    /// What the site reported to its log.
    final class Failures: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ text: String) { all.withLock { $0.append(text) } }
        var texts: [String] { all.withLock { $0 } }
    }

    init(
        issuer: String = "https://id.example", party: Client.Party = .third, storage: Storage = .inMemory(),
        development: Bool = false, queueLimit: Int = 64, limits: SignInLimits = SignInLimits(),
        mail: ((MailGround) -> Site.MailParts)? = nil, mailCodes: Bool = false, judge: PasswordJudge? = nil,
        challenges: (TestClock) throws -> ChallengeGate? = { _ in nil },
        origins: [String] = [], policy: Policy = Policy(), notesTokens: Bool = false,
        scopes: ScopeSet = TestSite.scopes,
        registration: RegistrationPolicy? = nil,
        documents: any RemoteDocuments = NoRemoteDocuments(), idleLifetime: Duration? = nil,
        remembered: Sessions.Remembered? = nil, order: Site.SignInOrder = .together,
        clock: TestClock = TestClock(Timestamp(seconds: 1_800_000_000)), federation: Site.FederationParts? = nil,
        refusals: RefusalReport? = nil
    ) async throws {
        self.clock = clock
        self.federation = federation
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        environment = ServerEnvironment(
            issuer: try #require(Issuer(issuer)),
            policy: policy,
            clock: clock,
            random: SystemRandom(),
            storage: storage,
            masterKey: masterKey,
            documents: documents,
            elsewhere: ConnectorStrength(storage)
        )
        let rotation = KeyRotation(storage.keys, masterKey: masterKey, clock: clock, policy: policy)
        try await rotation.begin()
        try environment.keys.load(try await storage.keys.list(), opening: masterKey)

        pool = try WorkerPool(name: "passwords", threads: 1, queueLimit: queueLimit)
        let hasher = try PasswordHasher(pool: pool, parameters: Argon2Parameters(memory: 64, passes: 1, lanes: 1))
        accounts = Accounts(storage.users, hasher: hasher, clock: clock, random: SystemRandom(), judge: judge)
        user = try await accounts.add(
            email: TestSite.email,
            name: "Ada Lovelace",
            isVerified: true,
            password: TestSite.password
        )
        #expect(try await storage.clients.insert(TestSite.client(party: party, now: clock.now, scopes: scopes)))
        sessions = Sessions(
            storage.sessions,
            clock: clock,
            random: SystemRandom(),
            lifetime: Policy().sessionLifetime,
            idleLifetime: idleLifetime, remembered: remembered
        )
        codes = MailCodes(masterKey, random: SystemRandom())
        let wake: (@Sendable () -> Void)? = mail.map { _ in { @Sendable in } }
        let notices = AccountNotices(storage, clock: clock, random: SystemRandom(), wake: wake)
        let signIn = LimitedSignIn(
            PasswordSignIn(storage.users, hasher: hasher), attempts: storage.attempts,
            known: KnownBrowsers(masterKey, random: SystemRandom()), limits: limits, clock: clock, telling: notices)
        let ground = MailGround(storage: storage, accounts: accounts, codes: codes, clock: clock)
        audit = AuditTrail(
            storage, masterKey: masterKey, clock: clock, random: SystemRandom(), notesTokens: notesTokens)
        let failures = failures
        let mailed = MailedCodes(storage, codes: codes, clock: clock, random: SystemRandom(), wake: {})
        site = Site(
            Site.Parts(
                environment: environment,
                sessions: sessions,
                signIn: signIn,
                secondFactor: SecondFactor(
                    storage, masterKey: masterKey, clock: clock, random: SystemRandom(), issuer: "id.example",
                    mailedCodes: mailCodes ? mailed : nil, freshnessCodes: mail == nil ? nil : mailed),
                audit: audit,
                passkeys: Passkeys(
                    storage, domain: "id.example", name: "id.example", origins: [environment.issuer.origin] + origins,
                    masterKey: masterKey, clock: clock, random: SystemRandom(),
                    telling: AccountNotices(storage, clock: clock, random: SystemRandom(), wake: {}), audit: audit),
                passwords: judge.map { [clock] in PasswordMeter($0, clock: clock) },
                challenges: try challenges(clock),
                account: Site.AccountParts(
                    environment, hasher: hasher, judge: judge, signIn: signIn, beside: federation?.directories,
                    wake: wake),
                pages: try PageSet(directory: TestSite.templates, basePath: environment.issuer.path),
                development: development
                    ? DevelopmentAccess(
                        clientID: "demo",
                        clientSecret: TestSite.secret,
                        email: TestSite.email,
                        password: TestSite.password
                    ) : nil,
                mail: mail.map { $0(ground) },
                registration: registration,
                federation: federation,
                signInOrder: order,
                report: { _, error in failures.add("\(error)") },
                refusals: refusals
            )
        )
        try await site.reload()
    }

    /// What people are to be told of changes to their accounts, as it is kept until the mails are written.
    func told() async throws -> [[String]] {
        try await environment.storage.mails.list(after: nil, limit: 99).filter { $0.kind == .accountNotice }
            .map(\.details)
    }

    static func client(
        id: String = "shop", party: Client.Party = .third, now: Timestamp, redirectURIs: [String] = [redirectURI],
        isPublic: Bool = false, scopes: ScopeSet = TestSite.scopes
    ) throws -> Client {
        Client(
            id: try #require(ClientID(id)),
            name: "The Shop",
            secretDigest: isPublic ? nil : TokenDigest(of: secret),
            authenticationMethods: isPublic ? [.none] : [.clientSecretBasic, .clientSecretPost],
            redirectURIs: try redirectURIs.map { try RedirectURI(registering: $0) },
            postLogoutRedirectURIs: [try RedirectURI(registering: "https://shop.example/bye")],
            grantTypes: [.authorizationCode, .refreshToken, .clientCredentials],
            scopes: scopes,
            party: party,
            createdAt: now
        )
    }
}
