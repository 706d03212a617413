import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Who is locked out is told by mail", .spec("ASVS 6.3.5"))
struct LockOutNoticeTests {
    private static let home = SignInOrigin(address: [192, 0, 2, 7])

    /// Ada, whose password is known, and a sign-in that tells her.
    private func signIn(_ desk: MailDesk, _ limits: SignInLimits = SignInLimits()) throws -> LimitedSignIn {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        return LimitedSignIn(
            PasswordSignIn(desk.storage.users, hasher: desk.hasher), attempts: desk.storage.attempts,
            known: KnownBrowsers(masterKey, random: SystemRandom()), limits: limits, clock: desk.clock,
            telling: desk.notices)
    }

    @Test func theFailureThatLocksIsToldOnce() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let signIn = try signIn(desk)
        func fail(_ count: Int) async throws {
            for _ in 0..<count {
                _ = try await signIn.authenticate(email: ada.email.rawValue, password: "wrong", from: Self.home)
            }
        }
        try await fail(4)
        #expect(try await desk.storage.mails.figures().waiting == 0)
        try await fail(3)
        let texts = try await desk.deliver()
        #expect(texts.count == 1)
        let text = try #require(texts.first)
        #expect(text.contains("isSecondFactor: false") && text.contains("192.0.2.0/24"))
        #expect(text.contains("https://id.example/forgot-password"))
        #expect(desk.transport.sent.last?.recipient == ada.email)
        // A longer lock of the same place is no news.
        desk.clock.advance(by: .seconds(300))
        try await fail(2)
        #expect(try await desk.deliver().count == 1)
    }

    @Test func manyAtOnceAreOneMailAndManyPlacesAreFew() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let signIn = try signIn(desk, SignInLimits(perAddress: 0, perNetwork: 0))
        _ = try await concurrently(20) {
            try await signIn.authenticate(email: ada.email.rawValue, password: "wrong", from: Self.home)
        }
        #expect(try await desk.deliver().count == 1)
        for network in 1...9 {
            for _ in 0..<5 {
                let place = SignInOrigin(address: [198, 51, UInt8(network), 1])
                _ = try await signIn.authenticate(email: ada.email.rawValue, password: "wrong", from: place)
            }
        }
        // Whoever fails everywhere does not fill the box.
        #expect(try await desk.deliver().count == 3)
    }

    @Test func anAddressWithoutAnAccountIsOrderedAlikeAndGetsNone() async throws {
        let desk = try MailDesk()
        _ = try await desk.makeAda()
        let signIn = try signIn(desk)
        for _ in 0..<5 {
            _ = try await signIn.authenticate(email: "nobody@example.org", password: "wrong", from: Self.home)
        }
        #expect(try await desk.storage.mails.list(after: nil, limit: 9).map(\.kind) == [.lockedOut])
        #expect(try await desk.deliver().isEmpty)
    }

    @Test func whoKnewThePasswordIsCalledSo() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let signIn = try signIn(desk)
        for _ in 0..<5 { _ = try await signIn.prove(ada, from: Self.home, { false }) }
        #expect(try await desk.deliver().last?.contains("isSecondFactor: true") == true)
    }
}

@Suite("Work that is asked for is limited whatever comes of it")
struct WorkLimitTests {
    private static let home = SignInOrigin(address: [192, 0, 2, 7])
    private static let elsewhere = SignInOrigin(address: [198, 51, 100, 1])

    private func signIn(_ desk: MailDesk, _ limits: SignInLimits) throws -> LimitedSignIn {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        return LimitedSignIn(
            PasswordSignIn(desk.storage.users, hasher: desk.hasher), attempts: desk.storage.attempts,
            known: KnownBrowsers(masterKey, random: SystemRandom()), limits: limits, clock: desk.clock)
    }

    private func isSignedIn(_ outcome: LimitedSignIn.Outcome) -> Bool {
        if case .signedIn = outcome { true } else { false }
    }

    @Test("Right passwords of one address in a known browser, which lock nobody else out")
    func rightPasswords() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let signIn = try signIn(desk, SignInLimits(perAddress: 3))
        let known = SignInOrigin(address: [192, 0, 2, 7], mark: signIn.mark(for: ada, from: Self.home, since: nil))
        func attempt(_ origin: SignInOrigin) async throws -> LimitedSignIn.Outcome {
            try await signIn.authenticate(email: ada.email.rawValue, password: "the old password", from: origin)
        }
        for _ in 0..<30 { #expect(isSignedIn(try await attempt(known))) }
        guard case .limited = try await attempt(known) else {
            Issue.record("one more was compared")
            return
        }
        #expect(isSignedIn(try await attempt(Self.elsewhere)))
        desk.clock.advance(by: .seconds(60))
        #expect(isSignedIn(try await attempt(known)))
    }

    @Test("Rubbish in the place of passkeys uses up no passwords, nor the reverse")
    func keysAndPasswords() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let signIn = try signIn(desk, SignInLimits(perAddress: 3, lock: nil))
        for _ in 0..<3 { #expect(try await signIn.prove(from: Self.home, { nil }) == .refused) }
        guard case .limited = try await signIn.prove(from: Self.home, { ada }) else {
            Issue.record("the fourth key was looked at")
            return
        }
        let right = try await signIn.authenticate(
            email: ada.email.rawValue, password: "the old password", from: Self.home)
        #expect(isSignedIn(right))
    }

    @Test("Requests to sign in that are kept")
    func requests() throws {
        let desk = try MailDesk()
        let signIn = try signIn(desk, SignInLimits(perAddress: 1))
        for _ in 0..<20 { #expect(signIn.admitRequest(from: Self.home) == nil) }
        #expect(signIn.admitRequest(from: Self.home) != nil)
        #expect(signIn.admitRequest(from: Self.elsewhere) == nil)
        desk.clock.advance(by: .seconds(60))
        #expect(signIn.admitRequest(from: Self.home) == nil)
        let unlimited = try self.signIn(desk, .none)
        for _ in 0..<100 { #expect(unlimited.admitRequest(from: Self.home) == nil) }
    }

    @Test("Nobody is asked about a password before its sign-up is within the limits", .spec("ASVS 6.2.12"))
    func breachLookUps() async throws {
        let desk = try MailDesk()
        let fetch = ScriptedFetch("")
        let judge = PasswordJudge(
            words: PasswordFiles.words, breached: nil,
            service: BreachedRange(address: "https://range.example/", fetch: fetch))
        let signUp = SignUp(
            desk.storage,
            accounts: Accounts(
                desk.storage.users, hasher: desk.hasher, clock: desk.clock, random: SystemRandom(), judge: judge),
            limits: desk.limits, codes: desk.codes, clock: desk.clock, random: SystemRandom(), wake: {})
        func begin(_ email: String, _ name: String = "New Person") async throws -> SignUp.Begun {
            try await signUp.begin(
                email: email, name: name, password: "walnut harbour quilt lamp", browser: "b", interaction: nil,
                from: Self.home)
        }
        _ = try await begin("no address")
        _ = try await begin("new@example.org", "")
        #expect(fetch.asked.isEmpty)
        _ = try await begin("new@example.org")
        #expect(fetch.asked.count == 1)
        for number in 0..<40 { _ = try await begin("new\(number)@example.org") }
        #expect(fetch.asked.count == 30, "the network's mails are over")
        func isLimited(_ begun: SignUp.Begun?) -> Bool { if case .limited = begun { true } else { false } }
        var last: SignUp.Begun?
        for _ in 0..<120 { last = try await begin("no address") }
        #expect(isLimited(last))
        desk.clock.advance(by: .seconds(60))
        #expect(!isLimited(try await begin("no address")))
    }

    @Test("A link of a sign-up whose address has an account by then has nothing hashed")
    func deadLinks() async throws {
        let desk = try MailDesk()
        _ = try await SignUpTests.waiting(desk, email: "new@example.org")
        let first = try desk.newestLink()
        let id = try await SignUpTests.waiting(desk, email: "new@example.org")
        let code = try desk.newestCode()
        #expect(SignUpTests.created(try await desk.signUp.finish(id, code: code, browser: SignUpTests.browser)) != nil)
        // No password is even looked at: one that is unfit would be said to be.
        let late = try await desk.signUp.finish(
            link: first, for: .signUp, browser: nil, name: "Eve", password: "short")
        #expect(late == .over)
    }
}
