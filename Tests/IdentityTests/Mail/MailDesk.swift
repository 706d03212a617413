import JOSE
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Identity

/// Everything about mail over stores in memory, with an inbox that can be told to refuse.
struct MailDesk {
    let storage: Storage
    let clock = TestClock(.noon)
    let random = SystemRandom()
    let transport = MoodyTransport()
    let outcomes = Recorded<PostOffice.Outcome>()
    let hasher: PasswordHasher
    let accounts: Accounts
    let codes: MailCodes

    /// Takes mails, or throws what it was told to.
    final class MoodyTransport: MailTransport {
        private let state = Locked<(mood: MailFailure?, sent: [MailMessage])>((nil, []))

        func send(_ message: MailMessage) async throws {
            let mood = state.withLock { state in
                if state.mood == nil { state.sent.append(message) }
                return state.mood
            }
            if let mood { throw mood }
        }

        func set(_ mood: MailFailure?) { state.withLock { $0.mood = mood } }
        var sent: [MailMessage] { state.withLock { $0.sent } }
    }

    /// What was told, in order.
    final class Recorded<Value: Sendable>: Sendable {
        private let values = Locked<[Value]>([])
        func add(_ value: Value) { values.withLock { $0.append(value) } }
        var all: [Value] { values.withLock { $0 } }
    }

    /// Whether who has no account is told so.
    let tellsUnknown: Bool
    /// How many mails there are of what.
    let rates: MailRates
    let requests: RequestRates

    init(
        _ storage: Storage = .inMemory(), tellsUnknown: Bool = false, rates: MailRates = MailRates(),
        requests: RequestRates = RequestRates()
    ) throws {
        self.storage = storage
        self.rates = rates
        self.requests = requests
        self.tellsUnknown = tellsUnknown
        hasher = try PasswordHasher(
            pool: WorkerPool(name: "hash", threads: 2, queueLimit: 100), parameters: .cheap)
        accounts = Accounts(storage.users, hasher: hasher, clock: clock, random: SystemRandom())
        codes = MailCodes(
            try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32)))), random: SystemRandom())
    }

    var reset: PasswordReset {
        PasswordReset(
            storage, accounts: accounts, limits: limits, clock: clock,
            random: SystemRandom(), wake: {})
    }

    var signUp: SignUp {
        SignUp(
            storage, accounts: accounts, limits: limits, codes: codes,
            clock: clock, random: SystemRandom(), rates: requests, wake: {})
    }

    var limits: MailLimits { MailLimits(storage.attempts, clock: clock, rates: rates) }

    var emailChange: EmailChange {
        EmailChange(storage, limits: limits, codes: codes, clock: clock, random: SystemRandom(), wake: {})
    }

    var notices: AccountNotices {
        AccountNotices(storage, clock: clock, random: SystemRandom(), rates: rates, wake: {})
    }

    var recourses: Recourses { Recourses(storage, clock: clock, random: SystemRandom(), wake: {}) }

    /// Over the same stores.
    var erasure: Erasure {
        Erasure(storage, audit: AuditTrail(storage, masterKey: nil, clock: clock, random: SystemRandom()))
    }

    var deletion: AccountDeletion {
        AccountDeletion(storage, clock: clock, random: SystemRandom(), wake: {})
    }

    func passwordChange(_ limits: SignInLimits = SignInLimits()) throws -> PasswordChange {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let signIn = LimitedSignIn(
            PasswordSignIn(storage.users, hasher: hasher), attempts: storage.attempts,
            known: KnownBrowsers(masterKey, random: SystemRandom()), limits: limits, clock: clock)
        return PasswordChange(storage, accounts: accounts, signIn: signIn, notices: notices, clock: clock)
    }

    func office(_ transport: (any MailTransport)? = nil) throws -> PostOffice {
        let texts = MailTexts(
            storage, codes: codes, sender: try #require(Mailbox("no-reply@mail.example")), base: "https://id.example",
            host: "id.example", clock: clock, random: SystemRandom(), lifetimes: rates.lifetimes,
            tellsUnknown: tellsUnknown
        ) { content, _ in
            MailText(subject: HeaderText("A mail"), text: "\(content)", html: "")
        }
        return PostOffice(
            storage, texts: texts, transport: transport ?? self.transport, clock: clock,
            report: { [outcomes] in outcomes.add($1) })
    }

    /// Sends what is due, and answers the texts that were sent so far.
    @discardableResult
    func deliver() async throws -> [String] {
        while try await office().deliver() > 0 {}
        return transport.sent.map(\.content.text)
    }

    /// The secret in the link of the newest mail that has one; mails of the same moment come in any order.
    func newestLink() throws -> String {
        let text = try #require(transport.sent.map(\.content.text).last { $0.firstRange(of: "?link=") != nil })
        let start = try #require(text.firstRange(of: "?link=")).upperBound
        return String(text[start...].prefix { $0 != "\"" })
    }

    /// The code in the newest mail.
    func newestCode() throws -> String {
        let text = try #require(transport.sent.last).content.text
        let start = try #require(text.firstRange(of: "code: \"")).upperBound
        return String(text[start...].prefix { $0 != "\"" })
    }

    static let origin = SignInOrigin(address: [192, 0, 2, 7])

    /// An account with a password.
    @discardableResult
    func makeAda() async throws -> User {
        try await accounts.add(email: "ada@example.org", name: "Ada", isVerified: true, password: "the old password")
    }
}
