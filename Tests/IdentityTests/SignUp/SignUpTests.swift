import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Sign-up waits until the address is proven")
struct SignUpTests {
    static let browser = "the cookie of one browser"

    static func begin(
        _ desk: MailDesk, email: String = "new@example.org", name: String = "New Person",
        password: String = "my password here", interaction: String? = nil
    ) async throws -> SignUp.Begun {
        try await desk.signUp.begin(
            email: email, name: name, password: password, browser: browser, interaction: interaction,
            from: MailDesk.origin)
    }

    static func waiting(_ desk: MailDesk, email: String = "new@example.org") async throws -> String {
        guard case .waiting(let id) = try await begin(desk, email: email, interaction: "i-7") else {
            throw Accounts.Refusal.unknown
        }
        try await desk.deliver()
        return id
    }

    static func created(_ finished: SignUp.Finished) -> User? {
        if case .created(let user, _) = finished { user } else { nil }
    }

    static func wrong(_ code: String) -> String { code == "000000" ? "000001" : "000000" }

    @Test func theCodeMakesTheAccountOnce() async throws {
        let desk = try MailDesk()
        let id = try await Self.waiting(desk)
        #expect(try await desk.storage.users.list(after: nil, limit: 9) == [])
        let code = try desk.newestCode()
        #expect(code.utf8.count == 6)
        let finished = try await desk.signUp.finish(
            id, code: " \(code.prefix(3)) \(code.suffix(3))", browser: Self.browser)
        let user = try #require(Self.created(finished))
        #expect(finished == .created(user, interaction: "i-7"))
        #expect(user.isEmailVerified && user.name == "New Person" && user.email.rawValue == "new@example.org")
        #expect(try await desk.signUp.finish(id, code: code, browser: Self.browser) == .over)
        let signIn = PasswordSignIn(desk.storage.users, hasher: desk.hasher)
        #expect(try await signIn.authenticate(email: "new@example.org", password: "my password here") == user)
    }

    @Test func theLinkMakesTheAccountOnceAndOpeningItNothing() async throws {
        let desk = try MailDesk()
        _ = try await Self.waiting(desk)
        let link = try desk.newestLink()
        for _ in 0..<3 { #expect(try await desk.signUp.proof(of: link, for: .signUp) != nil) }
        let finished = try await desk.signUp.finish(
            link: link, for: .signUp, browser: Self.browser, name: nil, password: nil)
        #expect(Self.created(finished)?.name == "New Person")
        let again = try await desk.signUp.finish(
            link: link, for: .signUp, browser: Self.browser, name: nil, password: nil)
        #expect(again == .over)
    }

    @Test(.spec("ASVS 6.6.3"))
    func aCodeIsGuessedAtFiveTimesAndForTenMinutes() async throws {
        let desk = try MailDesk()
        let id = try await Self.waiting(desk)
        let code = try desk.newestCode()
        for left in [4, 3, 2, 1] {
            let guess = try await desk.signUp.finish(id, code: Self.wrong(code), browser: Self.browser)
            #expect(guess == .wrongCode(left: left))
        }
        #expect(try await desk.signUp.finish(id, code: Self.wrong(code), browser: Self.browser) == .codeIsOver)
        #expect(try await desk.signUp.finish(id, code: code, browser: Self.browser) == .codeIsOver)
        // Another mail has another code, and five guesses.
        #expect(try await desk.signUp.resend(id, browser: Self.browser, from: MailDesk.origin) == .sent)
        try await desk.deliver()
        let second = try desk.newestCode()
        desk.clock.advance(by: MailLifetimes().code)
        #expect(try await desk.signUp.finish(id, code: second, browser: Self.browser) == .codeIsOver)
        #expect(try await desk.signUp.resend(id, browser: Self.browser, from: MailDesk.origin) == .sent)
        try await desk.deliver()
        desk.clock.advance(by: MailLifetimes().code - .microseconds(1))
        let third = try desk.newestCode()
        #expect(Self.created(try await desk.signUp.finish(id, code: third, browser: Self.browser)) != nil)
    }

    @Test func mailsOfOneSignUpAreLimited() async throws {
        let desk = try MailDesk()
        let id = try await Self.waiting(desk)
        for _ in 1..<MailRates().perCode {
            #expect(try await desk.signUp.resend(id, browser: Self.browser, from: MailDesk.origin) == .sent)
        }
        #expect(try await desk.signUp.resend(id, browser: Self.browser, from: MailDesk.origin) == .enough)
        try await desk.deliver()
        #expect(desk.transport.sent.count == MailRates().perCode)
    }

    @Test(.spec("ASVS 6.3.8"))
    func anAddressWithAnAccountTakesTheSameCourse() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        let id = try await Self.waiting(desk, email: "ada@example.org")
        #expect(desk.transport.sent.map(\.recipient.rawValue) == ["ada@example.org"])
        #expect(desk.transport.sent.last?.content.text.hasPrefix("accountExists") == true)
        #expect(try await desk.signUp.waiting(id, browser: Self.browser)?.email.rawValue == "ada@example.org")
        for left in [4, 3, 2, 1] {
            let guess = try await desk.signUp.finish(id, code: "123456", browser: Self.browser)
            #expect(guess == .wrongCode(left: left))
        }
        #expect(try await desk.signUp.finish(id, code: "123456", browser: Self.browser) == .codeIsOver)
        #expect(try await desk.signUp.resend(id, browser: Self.browser, from: MailDesk.origin) == .sent)
        try await desk.deliver()
        #expect(try await desk.signUp.finish(id, code: "123456", browser: Self.browser) == .wrongCode(left: 4))
    }

    @Test func anAccountThatWasMadeMeanwhileStays() async throws {
        let desk = try MailDesk()
        let id = try await Self.waiting(desk, email: "ada@example.org")
        let code = try desk.newestCode()
        let ada = try await desk.makeAda()
        #expect(try await desk.signUp.finish(id, code: code, browser: Self.browser) == .over)
        #expect(try await desk.storage.users.find(ada.id) == ada)
    }

    @Test func theOtherSignUpsOfAnAddressAreOverWithTheFirst() async throws {
        let desk = try MailDesk()
        let first = try await Self.waiting(desk, email: "ada@example.org")
        let code = try desk.newestCode()
        let second = try await Self.waiting(desk, email: "ada@example.org")
        let (otherCode, otherLink) = try (desk.newestCode(), desk.newestLink())
        #expect(Self.created(try await desk.signUp.finish(first, code: code, browser: Self.browser)) != nil)
        let outcome = try await desk.signUp.finish(
            link: otherLink, for: .signUp, browser: nil, name: "Ada", password: "quite another one")
        #expect(outcome == .over)
        // Who only waits for the code learns nothing.
        #expect(
            try await desk.signUp.finish(second, code: otherCode, browser: Self.browser) == .wrongCode(left: 4))
    }

    @Test(.spec("CVE-2026-9092"))
    func whoTypedSomebodyElsesAddressDoesNotKnowThePassword() async throws {
        let desk = try MailDesk()
        _ = try await Self.waiting(desk, email: "victim@example.org")
        let link = try desk.newestLink()
        // The victim follows the link, in a browser of their own.
        let refused = try await desk.signUp.finish(
            link: link, for: .signUp, browser: "another browser", name: nil, password: nil)
        var problems = SignUp.Problems()
        problems.password = true
        #expect(refused == .refused(problems))
        let finished = try await desk.signUp.finish(
            link: link, for: .signUp, browser: nil, name: "Victim", password: "the victim's own")
        #expect(Self.created(finished)?.name == "Victim")
        let signIn = PasswordSignIn(desk.storage.users, hasher: desk.hasher)
        #expect(try await signIn.authenticate(email: "victim@example.org", password: "my password here") == nil)
        #expect(try await signIn.authenticate(email: "victim@example.org", password: "the victim's own") != nil)
    }

    @Test func aCodeIsTypedInTheBrowserOfTheSignUp() async throws {
        let desk = try MailDesk()
        let id = try await Self.waiting(desk)
        let code = try desk.newestCode()
        #expect(try await desk.signUp.waiting(id, browser: "another") == nil)
        #expect(try await desk.signUp.finish(id, code: code, browser: "another") == .over)
        #expect(try await desk.signUp.resend(id, browser: "another", from: MailDesk.origin) == .enough)
        #expect(Self.created(try await desk.signUp.finish(id, code: code, browser: Self.browser)) != nil)
    }

    @Test func tellsEverythingThatIsWrong() async throws {
        let desk = try MailDesk()
        var problems = SignUp.Problems()
        (problems.email, problems.name, problems.password) = (true, true, true)
        #expect(try await Self.begin(desk, email: "x", name: "", password: "short") == .refused(problems))
        #expect(try await desk.storage.mails.figures().waiting == 0)
    }

    @Test func anInvitationAsksForNameAndPassword() async throws {
        let desk = try MailDesk()
        let invitations = Invitations(desk.storage, clock: desk.clock, random: SystemRandom())
        _ = try await invitations.invite("guest@example.org")
        try await desk.deliver()
        let link = try desk.newestLink()
        let finished = try await desk.signUp.finish(
            link: link, for: .invitation, browser: nil, name: "Guest", password: "my password here")
        #expect(Self.created(finished)?.email.rawValue == "guest@example.org")
        await #expect(throws: Accounts.Refusal.taken) { try await invitations.invite("guest@example.org") }
    }
}
