import AuthorizationServer
import Federation
import FederationTesting
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import TokenVerifier
import Web

/// A site with connectors to scripted providers.
struct FederationSite {
    let test: TestSite
    let provider: ScriptedUpstream
    let other: ScriptedUpstream
    let masterKey: MasterKey

    /// Two providers, `login` and `other`; `settings` are of the first.
    init(
        _ settings: JSONObject = [:], mode: SignUpMode = .open, limits: SignInLimits = SignInLimits(),
        party: Client.Party = .first, scopes: ScopeSet = TestSite.scopes, other otherSettings: JSONObject = [:],
        mail: ((TestSite.MailGround) -> Site.MailParts)? = nil, remembered: Sessions.Remembered? = nil,
        development: Bool = false, judge: PasswordJudge? = nil, refusals: RefusalReport? = nil
    ) async throws {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let storage = Storage.inMemory()
        let clock = TestClock(Timestamp(seconds: 1_800_000_000))
        let provider = try ScriptedUpstream(clock: clock)
        let other = try ScriptedUpstream(issuer: "https://other.example", clock: clock)
        var all: JSONObject = ["client_id": .string(provider.clientID), "issuer": .string(provider.issuer)]
        for member in settings { all[member.name] = member.value }
        var others: JSONObject = ["client_id": .string(other.clientID), "issuer": .string(other.issuer)]
        for member in otherSettings { others[member.name] = member.value }
        for (number, (id, name, object)) in [("login", "Login", all), ("other", "Other", others)].enumerated() {
            let sealed = try masterKey.seal(
                Array(provider.secret.utf8), purpose: Upstream.secretPurpose, boundTo: Array(id.utf8))
            let connector = Connector(
                id: ConnectorID(rawValue: id), kind: .openID, preset: nil, name: name,
                settings: String(decoding: object.jsonBytes(), as: UTF8.self), sealedSecret: sealed, position: number,
                createdAt: .noon, updatedAt: .noon, disabledAt: nil)
            #expect(try await storage.connectors.insert(connector))
        }
        let federation = Federation(
            storage.connectors,
            Upstream.Parts(
                transport: Both(first: provider, second: other), masterKey: masterKey, clock: clock,
                verifierClock: VerifierClockOfTest(clock: clock), random: SystemRandom(),
                spent: storage.secondFactors.spentChallenges, root: "https://id.example"))
        test = try await TestSite(
            party: party, storage: storage, development: development, limits: limits, mail: mail, judge: judge,
            scopes: scopes, remembered: remembered, clock: clock,
            federation: Site.FederationParts(federation, signUpMode: mode), refusals: refusals)
        self.provider = provider
        self.other = other
        self.masterKey = masterKey
    }

    /// Opens the sign-in page of a client's request and goes to a provider; answers where.
    func leave(_ browser: TestBrowser, by connector: String = "login") async throws -> String {
        let page = await browser.follow(test.authorize())
        #expect(page.text.contains("/with/\(connector)\""), "the page has the button")
        let path = try #require(page.address(of: "/with/\(connector)"))
        let away = await browser.get(path)
        #expect(away.status == 303)
        return try #require(away.location)
    }

    /// The whole way to a provider and back; answers what comes after.
    func signIn(
        _ browser: TestBrowser, as person: ScriptedPerson = ScriptedPerson(), by connector: String = "login"
    ) async throws -> Page {
        let provider = connector == "login" ? provider : other
        let query = try provider.authorize(try await leave(browser, by: connector), as: person)
        return await browser.follow("/federation/\(connector)/callback?\(query)")
    }

    /// Opens the account's page of security, freshly signed in with the password.
    func security(_ browser: TestBrowser) async throws -> Page {
        let page = await browser.follow("/account/security")
        return await browser.follow(
            await browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
    }

    /// What an account is linked to.
    func links(of user: UserID) async throws -> [String] {
        try await test.environment.storage.links.list(of: user).map { "\($0.connector) \($0.subject)" }
    }
}

/// Two providers behind one transport.
struct Both: UpstreamTransport {
    let first: ScriptedUpstream
    let second: ScriptedUpstream

    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        try await (request.address.hasPrefix(first.issuer) ? first : second).send(request)
    }
}

extension Page {
    /// The first address on the page that ends so, as a link leads to it.
    func address(of end: String) -> String? {
        for piece in text.split(separator: "href=\"").dropFirst() {
            let address = String(piece.prefix { $0 != "\"" })
            let bare = address.split(separator: "?").first.map(String.init) ?? ""
            if bare.hasSuffix(end) { return address.replacing("&amp;", with: "&") }
        }
        return nil
    }
}

/// The clock of a test, as the verifier of tokens wants it.
private struct VerifierClockOfTest: VerifierClock {
    let clock: TestClock

    var seconds: Int64 { clock.now.seconds }
    var elapsed: Duration { clock.now - Timestamp(microseconds: 0) }

    func sleep(for duration: Duration) async throws { await Task.yield() }
}
