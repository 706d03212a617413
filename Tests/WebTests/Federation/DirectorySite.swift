import AuthorizationServer
import Directory
import DirectoryTesting
import Federation
import FederationTesting
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Pages
import Stores
import Synchronization
import Testing
import TokenVerifier
import Web

/// A site with a connector to a scripted directory, `corp`, which has the domains corp.example and example.com.
struct DirectorySite {
    /// The password of everybody there.
    static let password = "the password of the directory"
    static let connector = ConnectorID(rawValue: "corp")

    let test: TestSite
    let scripted: ScriptedDirectory
    let directories: DirectoryAccounts
    let inbox = Inbox()
    /// What the log was told.
    let reports: Reports

    final class Reports: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ text: String) { all.withLock { $0.append(text) } }
        var texts: [String] { all.withLock { $0 } }
    }

    /// Runs a test on such a site, and ends its threads.
    static func with(
        _ settings: JSONObject = [:], makesAccounts: Bool = true, limits: SignInLimits = SignInLimits(),
        remembered: Sessions.Remembered? = nil,
        challenges: (TestClock) throws -> ChallengeGate? = { _ in nil },
        _ body: (DirectorySite) async throws -> Void
    ) async throws {
        let site = try await DirectorySite(
            settings, makesAccounts: makesAccounts, limits: limits, remembered: remembered, challenges: challenges)
        do {
            try await body(site)
            await site.directories.stop()
        } catch {
            await site.directories.stop()
            throw error
        }
    }

    private init(
        _ settings: JSONObject, makesAccounts: Bool, limits: SignInLimits, remembered: Sessions.Remembered?,
        challenges: (TestClock) throws -> ChallengeGate?
    ) async throws {
        let storage = Storage.inMemory()
        let clock = TestClock(Timestamp(seconds: 1_800_000_000))
        var all: JSONObject = [
            "hosts": ["dc.corp.example"], "domains": ["corp.example", "example.com"], "base": "dc=corp,dc=example",
            "bind_dn": "cn=search,dc=corp,dc=example", "password_page": "https://password.corp.example/",
        ]
        for member in settings { all[member.name] = member.value }
        #expect(
            try await storage.connectors.insert(
                Connector(
                    id: DirectorySite.connector, kind: .ldap, preset: nil, name: "Corp",
                    settings: String(decoding: all.jsonBytes(), as: UTF8.self), sealedSecret: [1], position: 0,
                    createdAt: .noon, updatedAt: .noon, disabledAt: nil)))
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let federation = Federation(
            storage.connectors,
            Upstream.Parts(
                transport: NobodyThere(), masterKey: masterKey, clock: clock, verifierClock: StillClock(),
                random: SystemRandom(), spent: storage.secondFactors.spentChallenges, root: "https://id.example"))
        let scripted = ScriptedDirectory(DirectorySite.entries)
        let reports = Reports()
        let directories = DirectoryAccounts(
            DirectoryAccounts.Parts(
                connectors: { try await federation.connectors() }, store: storage.connectors, links: storage.links,
                makesAccounts: makesAccounts, secret: { _ in Secret("service") }, clock: clock,
                random: SystemRandom(), pause: { _ in try await Gate().wait() },
                report: { reports.add("\($0) \($1)") }, transport: { _ in scripted }))
        self.scripted = scripted
        self.reports = reports
        self.directories = directories
        test = try await TestSite(
            party: .first, storage: storage, limits: limits, mail: MailDesk.parts(.closed, inbox, beside: directories),
            challenges: challenges, remembered: remembered, clock: clock,
            federation: Site.FederationParts(federation, signUpMode: .closed, directories: directories))
    }

    private static var entries: [ScriptedDirectory.Entry] {
        let people = [
            ("ada", "Ada There", "ada@example.com"), ("grace", "Grace There", "grace@corp.example"),
            ("kate", "Kate There", "kate@corp.example"),
        ].map {
            ScriptedDirectory.Entry(
                "cn=\($0),dc=corp,dc=example",
                [
                    "mail": $2, "displayName": $1, "entryUUID": "e-" + $0, "memberOf": "cn=Staff,dc=corp",
                    "userPrincipalName": $0 + ".login@corp.example",
                ],
                password: password)
        }
        return people + [ScriptedDirectory.Entry("cn=search,dc=corp,dc=example", [:], password: "service")]
    }

    /// The sign-in page of a client's request, with an address and a password; answers what comes after.
    func signIn(_ browser: TestBrowser, _ email: String, _ password: String = DirectorySite.password) async -> Page {
        let page = await browser.follow(test.authorize())
        return await browser.follow(await browser.submit(page, ["email": email, "password": password]))
    }

    /// What the newest mail says, after what is due was sent.
    func deliver() async throws -> [MailMessage] {
        let pages = try PageSet(directory: TestSite.templates, basePath: test.environment.issuer.path)
        let texts = MailTexts(
            test.environment.storage, codes: test.codes, sender: try #require(Mailbox("no-reply@mail.example")),
            base: test.environment.issuer.url, host: "id.example", clock: test.clock, random: SystemRandom(),
            beside: directories, write: pages.mailWriter(issuer: test.environment.issuer.url))
        let office = PostOffice(
            test.environment.storage, texts: texts, transport: inbox, clock: test.clock, report: { _, _ in })
        while try await office.deliver() > 0 {}
        return inbox.mails.map(\.message)
    }

    /// The account of an address.
    func user(_ email: String) async throws -> User? {
        try await test.environment.storage.users.find(try #require(Email(email)))
    }

    /// The account of an address is linked to who is known by a word there.
    func link(_ user: User, to subject: String) async throws {
        let link = LinkedIdentity(
            connector: DirectorySite.connector, subject: subject, userID: user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        #expect(try await test.environment.storage.links.link(link) == .linked)
    }

    /// The events so far, the newest first.
    func events() async throws -> [AuditEvent] {
        try await test.audit.flush()
        return try await test.environment.storage.audit.find(AuditSearch(), limit: 99)
    }

    /// What an account is linked to.
    func links(of user: User) async throws -> [String] {
        try await test.environment.storage.links.list(of: user.id).map { "\($0.connector) \($0.subject)" }
    }

    /// Changes the connector in the store, without the site being told.
    func change(_ body: (inout Connector) -> Void) async throws {
        let store = test.environment.storage.connectors
        var connector = try #require(try await store.find(DirectorySite.connector))
        body(&connector)
        #expect(try await store.replace(connector))
    }
}

private struct NobodyThere: UpstreamTransport {
    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        throw UpstreamFault.unavailable(.unreachable)
    }
}

private struct StillClock: VerifierClock {
    var seconds: Int64 { 0 }
    var elapsed: Duration { .zero }

    func sleep(for duration: Duration) async throws { await Task.yield() }
}
