import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Pages
import Reactor
import Stores
import Testing
import Web

/// A site with mail: what it sends is kept, and sent when a test says so.
struct MailDesk {
    let test: TestSite
    let inbox: Inbox
    let browser: TestBrowser
    let rates: MailRates

    static let issuer = "https://id.example"

    init(
        mode: SignUpMode = .open, terms: String? = nil, issuer: String = MailDesk.issuer,
        judge: PasswordJudge? = nil, mailCodes: Bool = false, limits: SignInLimits = SignInLimits(),
        rates: MailRates = MailRates(),
        challenges: (TestClock) throws -> ChallengeGate? = { _ in nil }
    ) async throws {
        inbox = Inbox()
        self.rates = rates
        let kept = inbox
        var policy = Policy()
        policy.isSignUpOpen = mode == .open
        test = try await TestSite(
            issuer: issuer, limits: limits,
            mail: MailDesk.parts(mode, terms: terms, kept, rates: rates), mailCodes: mailCodes, judge: judge,
            challenges: challenges,
            policy: policy)
        browser = TestBrowser(test)
    }

    /// What a site with mail works with.
    static func parts(
        _ mode: SignUpMode = .open, terms: String? = nil, _ kept: Inbox = Inbox(), rates: MailRates = MailRates(),
        beside authority: (any PasswordAuthority)? = nil
    ) -> (TestSite.MailGround) -> Site.MailParts {
        { parts in
            let limits = MailLimits(parts.storage.attempts, clock: parts.clock, rates: rates)
            return Site.MailParts(
                reset: PasswordReset(
                    parts.storage, accounts: parts.accounts, limits: limits,
                    clock: parts.clock, random: SystemRandom(), beside: authority, wake: {}),
                signUp: SignUp(
                    parts.storage, accounts: parts.accounts, limits: limits, codes: parts.codes,
                    clock: parts.clock, random: SystemRandom(), wake: {}),
                emailChange: EmailChange(
                    parts.storage, limits: limits,
                    codes: parts.codes, clock: parts.clock, random: SystemRandom(), wake: {}),
                recourses: Recourses(parts.storage, clock: parts.clock, random: SystemRandom(), wake: {}),
                signUpMode: mode, termsURL: terms, inbox: kept)
        }
    }

    /// Sends what is due; answers the newest mail.
    @discardableResult
    func deliver() async throws -> MailMessage? { try await MailDesk.deliver(from: test, to: inbox, rates) }

    /// The same of any site with mail.
    @discardableResult
    static func deliver(
        from test: TestSite, to inbox: Inbox, _ rates: MailRates = MailRates()
    ) async throws -> MailMessage? {
        let pages = try PageSet(directory: TestSite.templates, basePath: test.environment.issuer.path)
        let texts = MailTexts(
            test.environment.storage, codes: test.codes, sender: try #require(Mailbox("no-reply@mail.example")),
            base: test.environment.issuer.url, host: "id.example", clock: test.clock, random: SystemRandom(),
            lifetimes: rates.lifetimes,
            write: pages.mailWriter(issuer: test.environment.issuer.url, lifetimes: rates.lifetimes))
        let office = PostOffice(
            test.environment.storage, texts: texts, transport: inbox, clock: test.clock, report: { _, _ in })
        while try await office.deliver() > 0 {}
        return inbox.mails.first?.message
    }

    /// The line of a mail that is a link.
    static func link(_ mail: MailMessage?) throws -> String {
        let lines = try #require(mail).content.text.split(separator: "\n")
        return String(try #require(lines.first { $0.hasPrefix("https://") }))
    }

    /// Orders that wait, as they are kept.
    func orders() async throws -> [MailOrder] { try await test.environment.storage.mails.list(after: nil, limit: 99) }

    static func code(_ mail: MailMessage?) throws -> String {
        String(try #require(mail).content.subject.value.prefix(6))
    }
}
