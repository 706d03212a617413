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

    @Test("A pause begins and ends as it is set, and one for a new password ends before its link does")
    func pauses() async throws {
        let desk = try MailDesk(
            rates: Self.rates { rates in
                rates.perAddress = 2
                rates.perNetwork = 2
                rates.pause = .seconds(20)
                rates.longestPause = .seconds(30)
            })
        let ada = try await desk.makeAda()
        for _ in 1...2 { #expect(try await desk.limits.admit(ada.email, for: .reset) == .admitted) }
        for wait in [20, 30, 30] {
            #expect(try await desk.limits.admit(ada.email, for: .reset) == .addressIsOver(.seconds(wait)))
            desk.clock.advance(by: .seconds(wait))
            #expect(try await desk.limits.admit(ada.email, for: .reset) == .admitted)
        }
        for _ in 1...2 { #expect(try await desk.limits.admit(ada.email, for: .signUp) == .admitted) }
        #expect(try await desk.limits.admit(ada.email, for: .signUp) == .addressIsOver(.seconds(60)))
        let rates = Self.rates { rates in
            rates.longestPause = .seconds(86_400)
            rates.lifetimes.reset = .seconds(300)
        }
        #expect(MailLimits(desk.storage.attempts, clock: desk.clock, rates: rates).ofReset.longest == .seconds(200))
    }

    @Test("Codes and links work as long as is set, and no moment longer", arguments: [false, true])
    func lifetimes(_ isTooLate: Bool) async throws {
        let late = isTooLate ? Duration.zero : .microseconds(1)
        let desk = try MailDesk(
            rates: Self.rates { rates in
                rates.lifetimes.code = .seconds(60)
                rates.lifetimes.link = .seconds(700)
                rates.lifetimes.reset = .seconds(300)
            })
        let ada = try await desk.makeAda()
        func begin(_ email: String) async throws -> String {
            let begun = try await desk.signUp.begin(
                email: email, name: "New", password: "my password here", browser: "browser", interaction: nil,
                from: Self.home)
            guard case .waiting(let id) = begun else { throw ExpectedWaiting() }
            try await desk.deliver()
            return id
        }
        let id = try await begin("new@example.org")
        desk.clock.advance(by: .seconds(60) - late)
        let typed = try await desk.signUp.finish(id, code: try desk.newestCode(), browser: "browser")
        #expect((typed == .codeIsOver) == isTooLate)

        _ = try await begin("other@example.org")
        let link = try desk.newestLink()
        desk.clock.advance(by: .seconds(700) - late)
        #expect(try await (desk.signUp.proof(of: link, for: .signUp) == nil) == isTooLate)

        let change = try await desk.emailChange.request("ada@other.example", for: ada, from: Self.home)
        guard case .waiting(let waiting) = change else { throw ExpectedWaiting() }
        desk.clock.advance(by: .seconds(700) - late)
        #expect(try await (desk.emailChange.waiting(waiting, for: ada.id) == nil) == isTooLate)

        #expect(try await desk.reset.request(ada.email.rawValue, from: Self.home) == .taken)
        try await desk.deliver()
        let reset = try desk.newestLink()
        desk.clock.advance(by: .seconds(300) - late)
        #expect(try await (desk.reset.account(of: reset) == nil) == isTooLate)
    }

    private struct ExpectedWaiting: Error {}

    // MARK: Registrations, pictures and the log of events

    @Test func registrationsAndTheirChanges() throws {
        let origin = AuditOrigin(network: "192.0.2.0/24")
        let rate = RegistrationRate(
            Self.requests { rates in
                rates.registrations = 2
                rates.registrationChanges = 1
            })
        for _ in 1...2 { #expect(rate.take(origin, at: .noon) == nil) }
        #expect(rate.take(origin, at: .noon) == .seconds(1800))
        let shop = try #require(ClientID("shop"))
        #expect(rate.takeChange(of: shop, at: .noon) == nil)
        #expect(rate.takeChange(of: shop, at: .noon) == .seconds(3600))
        #expect(rate.takeChange(of: try #require(ClientID("other")), at: .noon) == nil)
        let any = RegistrationRate(
            Self.requests { rates in
                rates.registrations = 0
                rates.registrationChanges = 0
            })
        for _ in 1...99 {
            #expect(any.take(origin, at: .noon) == nil)
            #expect(any.takeChange(of: shop, at: .noon) == nil)
        }
    }

    @Test func picturesOfClients() {
        let origin = AuditOrigin(network: "192.0.2.0/24")
        let rate = LogoRate(Self.requests { $0.logos = 2 })
        for _ in 1...2 { #expect(rate.admits(origin, at: .noon)) }
        #expect(!rate.admits(origin, at: .noon))
    }

    @Test func rowsOfRefusals() async throws {
        let desk = try MailDesk()
        var rates = AuditRates()
        rates.refusals = 3
        rates.refusalsPerNetwork = 2
        let trail = AuditTrail(desk.storage, masterKey: nil, clock: desk.clock, random: desk.random, rates: rates)
        for network in 1...3 {
            for _ in 1...5 {
                let place = AuditOrigin(network: "203.0.\(network).0/24")
                trail.noteLater(.signIn, .refused, email: "ada@example.org", from: place)
            }
        }
        #expect(try await trail.flush() == 3)
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
