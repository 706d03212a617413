import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

/// The other value of every limit: the standard ones have their tests beside what they limit.
@Suite("Limits that an operator chose", .spec("ASVS 6.1.1"))
struct ConfiguredLimitTests {
    private static let home = SignInOrigin(address: [192, 0, 2, 7])
    private static let elsewhere = SignInOrigin(address: [198, 51, 100, 7])

    private static func rates(_ change: (inout MailRates) -> Void) -> MailRates {
        var rates = MailRates()
        change(&rates)
        return rates
    }

    private static func requests(_ change: (inout RequestRates) -> Void) -> RequestRates {
        var rates = RequestRates()
        change(&rates)
        return rates
    }

    // MARK: Mails

    @Test func mailsToOneAddress() async throws {
        let desk = try MailDesk(rates: Self.rates { $0.perAddress = 2 })
        let ada = try await desk.makeAda()
        for purpose in [MailLimits.Purpose.reset, .signUp, .changeEmail, .secondFactor] {
            for _ in 1...2 { #expect(try await desk.limits.admit(ada.email, for: purpose) == .admitted) }
            #expect(try await desk.limits.admit(ada.email, for: purpose) != .admitted, "\(purpose)")
        }
        let eve = try #require(Email("eve@example.org"))
        #expect(try await desk.limits.admit(eve, for: .reset) == .admitted)
    }

    @Test func mailsOfOneNetwork() async throws {
        let desk = try MailDesk(rates: Self.rates { $0.perNetwork = 2 })
        for name in ["a", "b"] {
            #expect(try await desk.reset.request("\(name)@example.org", from: Self.home) == .taken)
        }
        #expect(try await desk.reset.request("c@example.org", from: Self.home) == .limited(.seconds(300)))
        #expect(try await desk.reset.request("c@example.org", from: Self.elsewhere) == .taken)
        desk.clock.advance(by: .seconds(300))
        #expect(try await desk.reset.request("c@example.org", from: Self.home) == .taken)
    }

    @Test func changesOfOneAccount() async throws {
        let desk = try MailDesk(rates: Self.rates { $0.changes = 2 })
        let ada = try await desk.makeAda()
        for _ in 1...2 { #expect(try await desk.notices.wait(beforeChanging: ada.id) == nil) }
        #expect(try await desk.notices.wait(beforeChanging: ada.id) == .seconds(300))
        #expect(try await desk.notices.wait(beforeChanging: UserID(rawValue: "another")) == nil)
    }

    @Test("Mails of sign-ins alike are few; one in another browser or network is told all the same, up to a number")
    func mailsOfNewDevices() async throws {
        let desk = try MailDesk(
            rates: Self.rates { rates in
                rates.perAddress = 2
                rates.changes = 4
            })
        let ada = try await desk.makeAda()
        func told(_ device: String, _ network: String) async throws -> Int {
            let before = try await desk.storage.mails.figures().waiting
            try await desk.notices.tell(.newDevice(BrowserTraits(device: device, network: network)), ada)
            return try await desk.storage.mails.figures().waiting - before
        }
        for expected in [1, 1, 0, 0] { #expect(try await told("Firefox on Linux", "192.0.2.0/24") == expected) }
        #expect(try await told("Firefox on Linux", "198.51.100.0/24") == 1)
        #expect(try await told("Safari on macOS", "192.0.2.0/24") == 1)
        #expect(try await told("Chrome on Windows", "203.0.113.0/24") == 0)
        desk.clock.advance(by: .seconds(900))
        #expect(try await told("Chrome on Windows", "203.0.113.0/24") == 1)
    }

    @Test func mailsThatTellOfLocks() async throws {
        let desk = try MailDesk(rates: Self.rates { $0.lockOuts = 2 })
        let ada = try await desk.makeAda()
        for _ in 1...4 { try await desk.notices.tellLockOut(ada.email, at: .password, from: Self.home) }
        #expect(try await desk.deliver().count == 2)
    }

    @Test func mailsAndGuessesOfOneCode() async throws {
        let desk = try MailDesk(
            rates: Self.rates { rates in
                rates.perCode = 2
                rates.guesses = 2
            })
        let begun = try await desk.signUp.begin(
            email: "new@example.org", name: "New", password: "my password here", browser: "browser", interaction: nil,
            from: Self.home)
        guard case .waiting(let id) = begun else {
            Issue.record("\(begun)")
            return
        }
        #expect(try await desk.signUp.resend(id, browser: "browser", from: Self.home) == .sent)
        #expect(try await desk.signUp.resend(id, browser: "browser", from: Self.home) == .enough)
        try await desk.deliver()
        let wrong = try desk.newestCode() == "000000" ? "000001" : "000000"
        #expect(try await desk.signUp.finish(id, code: wrong, browser: "browser") == .wrongCode(left: 1))
        #expect(try await desk.signUp.finish(id, code: wrong, browser: "browser") == .codeIsOver)
        #expect(try await desk.signUp.finish(id, code: try desk.newestCode(), browser: "browser") == .codeIsOver)
    }

    @Test("One more mail to an address that had too many says how long to wait")
    func waitForOneMore() async throws {
        let desk = try MailDesk(rates: Self.rates { $0.perAddress = 2 })
        let begun = try await desk.signUp.begin(
            email: "new@example.org", name: "New", password: "my password here", browser: "browser", interaction: nil,
            from: Self.home)
        guard case .waiting(let id) = begun else {
            Issue.record("\(begun)")
            return
        }
        #expect(try await desk.signUp.resend(id, browser: "browser", from: Self.home) == .sent)
        #expect(try await desk.signUp.resend(id, browser: "browser", from: Self.home) == .limited(.seconds(900)))
        desk.clock.advance(by: .seconds(900))
        #expect(try await desk.signUp.resend(id, browser: "browser", from: Self.home) == .sent)
    }

    // MARK: Signing in

    private func signIn(_ desk: MailDesk, _ limits: SignInLimits) throws -> LimitedSignIn {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        return LimitedSignIn(
            PasswordSignIn(desk.storage.users, hasher: desk.hasher), attempts: desk.storage.attempts,
            known: KnownBrowsers(masterKey, random: SystemRandom()), limits: limits, clock: desk.clock)
    }

    private func isLimited(_ outcome: LimitedSignIn.Outcome) -> Bool {
        if case .limited = outcome { true } else { false }
    }

    @Test func comparisonsOfOneAddress() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        var limits = SignInLimits()
        limits.comparisons = 2
        let signIn = try signIn(desk, limits)
        func right(from origin: SignInOrigin) async throws -> LimitedSignIn.Outcome {
            try await signIn.authenticate(email: ada.email.rawValue, password: "the old password", from: origin)
        }
        for _ in 1...2 { #expect(try await right(from: Self.home) == .signedIn(ada)) }
        #expect(isLimited(try await right(from: Self.home)))
        #expect(try await right(from: Self.elsewhere) == .signedIn(ada))
    }

    @Test func requestsOfOneAddress() throws {
        var limits = SignInLimits()
        limits.requests = 2
        let signIn = try signIn(try MailDesk(), limits)
        for _ in 1...2 { #expect(signIn.admitRequest(from: Self.home) == nil) }
        #expect(signIn.admitRequest(from: Self.home) == .seconds(30))
        #expect(signIn.admitRequest(from: Self.elsewhere) == nil)
    }

    @Test("Failed second factors lock the account after as many as are set, and never for 0", arguments: [3, 0])
    func secondFactors(_ count: Int) async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        var limits = SignInLimits(perAddress: 0, perNetwork: 0, account: nil)
        limits.secondFactorFailures = count
        let signIn = try signIn(desk, limits)
        for network in 1...30 where count == 0 || network <= count {
            let place = SignInOrigin(address: [203, 0, UInt8(network), 1])
            #expect(try await signIn.prove(ada, from: place) { false } == .refused)
        }
        let outcome = try await signIn.prove(ada, from: Self.home) { true }
        #expect(count == 0 ? outcome == .signedIn(ada) : outcome == .limited(.seconds(300)))
    }

    @Test func aLockGrowsToItsLongest() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let lock = LockRule(failures: 2, step: .seconds(60), longest: .seconds(90), memory: .seconds(86_400))
        let signIn = try signIn(desk, SignInLimits(perAddress: 0, perNetwork: 0, lock: lock))
        func fail() async throws -> LimitedSignIn.Outcome {
            try await signIn.authenticate(email: ada.email.rawValue, password: "wrong", from: Self.home)
        }
        for _ in 1...2 { #expect(try await fail() == .refused) }
        for wait in [60, 90, 90] {
            #expect(try await fail() == .limited(.seconds(wait)))
            desk.clock.advance(by: .seconds(wait))
            #expect(try await fail() == .refused)
        }
    }

    // MARK: What pages ask for

    @Test func passwordsThatAreJudged() async throws {
        let rates = Self.requests { $0.passwordChecks = 2 }
        let clock = TestClock(.noon)
        let meter = PasswordMeter(PasswordFiles.judge, rates: rates, clock: clock)
        for _ in 1...2 { #expect(meter.take(Self.home) == nil) }
        #expect(meter.take(Self.home) == .seconds(30))
        #expect(meter.take(Self.elsewhere) == nil)
        // As many sign-ups, whatever comes of them.
        let signUp = try MailDesk(requests: rates).signUp
        func begin(from origin: SignInOrigin) async throws -> SignUp.Begun {
            try await signUp.begin(
                email: "no address", name: "", password: "x", browser: "browser", interaction: nil, from: origin)
        }
        for _ in 1...2 {
            guard case .refused = try await begin(from: Self.home) else {
                Issue.record("two are looked at")
                return
            }
        }
        #expect(try await begin(from: Self.home) == .limited(.seconds(30)))
        #expect(try await begin(from: Self.elsewhere) != .limited(.seconds(30)))
    }

    @Test func optionsOfPasskeys() throws {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let passkeys = Passkeys(
            .inMemory(), domain: "login.example", name: "login.example", origins: ["https://login.example"],
            masterKey: masterKey, clock: TestClock(.noon), random: SystemRandom(),
            rates: Self.requests { $0.passkeyOptions = 2 })
        for _ in 1...2 { #expect(passkeys.take(Self.home) == nil) }
        #expect(passkeys.take(Self.home) == .seconds(30))
        #expect(passkeys.take(Self.elsewhere) == nil)
    }

    @Test func returnsFromConnectorsAndTheirAccounts() {
        let rates = ConnectorRates(
            Self.requests { rates in
                rates.connectorAnswers = 2
                rates.connectorAccounts = 1
            })
        for _ in 1...2 { #expect(rates.takeAnswer(from: Self.home, at: .noon) == nil) }
        #expect(rates.takeAnswer(from: Self.home, at: .noon) == .seconds(30))
        #expect(rates.admitsAccount(from: Self.home, at: .noon))
        #expect(!rates.admitsAccount(from: Self.home, at: .noon))
        #expect(rates.admitsAccount(from: Self.elsewhere, at: .noon))
    }

    @Test func challengesAfterOneFailureAndOneFormAMinuteWithoutJavaScript() async throws {
        let clock = TestClock(.noon)
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let work = ProofOfWork(masterKey, waits: 1, clock: clock, random: SystemRandom())
        let gate = ChallengeGate(.adaptive, after: 1, work: work, clock: clock)
        let occasion = ChallengeOccasion(.signIn, browser: "b", origin: Self.home)
        #expect(!gate.isWanted(for: occasion, account: "ada@example.org"))
        gate.note(occasion, account: "ada@example.org")
        #expect(gate.isWanted(for: occasion, account: "ada@example.org"))
        clock.advance(by: .seconds(1))
        let puzzles = (1...2).map { _ in gate.puzzle(for: occasion) }
        clock.advance(by: .seconds(60))
        var verdicts: [ChallengeVerdict] = []
        for puzzle in puzzles {
            let answer = ChallengeAnswer { $0 == "challenge" ? puzzle.token : nil }
            verdicts.append(await gate.verify(answer, for: occasion))
        }
        #expect(verdicts[0] == .passed && verdicts[1] != .passed)
    }
}
