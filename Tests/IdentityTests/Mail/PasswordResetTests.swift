import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("A new password for who reads the account's mail")
struct PasswordResetTests {
    @Test(.spec("ASVS 6.4.3"))
    func theLinkSetsAPasswordOnceAndTellsTheOwner() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        #expect(try await desk.reset.request(" ADA@example.org ", from: MailDesk.origin) == .taken)
        try await desk.deliver()
        let link = try desk.newestLink()
        // To look at it spends nothing.
        for _ in 0..<3 { #expect(try await desk.reset.account(of: link)?.email.rawValue == "ada@example.org") }
        #expect(try await desk.reset.finish(link, password: "short") == .unfitPassword)
        #expect(try await desk.reset.finish(link, password: "a brand new password") == .changed)
        #expect(try await desk.reset.finish(link, password: "another new password") == .over)
        #expect(try await desk.reset.account(of: link) == nil)
        let signIn = PasswordSignIn(desk.storage.users, hasher: desk.hasher)
        #expect(try await signIn.authenticate(email: "ada@example.org", password: "a brand new password") != nil)
        #expect(try await signIn.authenticate(email: "ada@example.org", password: "the old password") == nil)
        #expect(try await desk.deliver().last?.hasPrefix("passwordChanged") == true)
        #expect(try await desk.recourses.recourse(of: desk.newestLink(), for: .disown) != nil)
    }

    @Test func aMailOfAProgramThatKnewNoWayBackIsSentAllTheSame() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.storage.mails.order(
            MailOrder(.passwordChanged, to: ada.email, at: desk.clock.now, random: desk.random))
        #expect(try await desk.deliver().last?.contains("/forgot-password\", isRecourse: false") == true)
    }

    @Test func mailsOfASignUpKeepNobodyFromALink() async throws {
        let desk = try MailDesk()
        let limits = MailLimits(desk.storage.attempts, clock: desk.clock)
        let ada = try #require(Email("ada@example.org"))
        for number in 1...5 {
            let other = try #require(Email("ada+\(number)@example.org"))
            #expect(try await limits.admit(other, for: .signUp, from: MailDesk.origin) == .admitted)
        }
        // All of them are one box.
        #expect(try await limits.admit(ada, for: .signUp, from: MailDesk.origin) == .addressIsOver(.seconds(900)))
        #expect(try await limits.admit(ada, for: .reset, from: MailDesk.origin) == .admitted)
        #expect(limits.ofReset.longest < MailLifetimes().reset)
    }

    @Test func aPasswordThatIsSetOtherwiseEndsTheLink() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        _ = try await desk.reset.request("ada@example.org", from: MailDesk.origin)
        try await desk.deliver()
        let link = try desk.newestLink()
        #expect(try await desk.reset.account(of: link) != nil)
        try await desk.accounts.setPassword("a password of the operator", of: "ada@example.org")
        #expect(try await desk.reset.account(of: link) == nil)
        #expect(try await desk.reset.finish(link, password: "a brand new password") == .over)
    }

    @Test func ofManyAtOnceOneSpendsTheLink() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        _ = try await desk.reset.request("ada@example.org", from: MailDesk.origin)
        try await desk.deliver()
        let link = try desk.newestLink()
        let reset = desk.reset
        let outcomes = try await concurrently(8) { try await reset.finish(link, password: "a brand new password") }
        #expect(outcomes.count { $0 == .changed } == 1)
        #expect(outcomes.count { $0 == .over } == 7)
    }

    @Test func onlyTheNewestLinkWorksAndForHalfAnHour() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        _ = try await desk.reset.request("ada@example.org", from: MailDesk.origin)
        try await desk.deliver()
        let first = try desk.newestLink()
        _ = try await desk.reset.request("ada@example.org", from: MailDesk.origin)
        try await desk.deliver()
        let second = try desk.newestLink()
        #expect(first != second)
        #expect(try await desk.reset.account(of: first) == nil)
        desk.clock.advance(by: MailLifetimes().reset - .microseconds(1))
        #expect(try await desk.reset.account(of: second) != nil)
        desk.clock.advance(by: .microseconds(1))
        #expect(try await desk.reset.account(of: second) == nil)
        #expect(try await desk.reset.finish(second, password: "a brand new password") == .over)
    }

    @Test(.spec("ASVS 6.3.8"))
    func nobodyWithoutAnAccountGetsMailAndNothingShows() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        let disabled = try await desk.accounts.add(
            email: "eve@example.org", name: "", isVerified: true, password: nil)
        #expect(try await desk.storage.users.disable(disabled.id, at: desk.clock.now))
        for email in ["nobody@example.org", "eve@example.org", "ada@example.org"] {
            #expect(try await desk.reset.request(email, from: MailDesk.origin) == .taken)
        }
        #expect(try await desk.storage.mails.figures().waiting == 3)
        try await desk.deliver()
        #expect(desk.transport.sent.map(\.recipient.rawValue) == ["ada@example.org"])
        #expect(try await desk.reset.request("not an address", from: MailDesk.origin) == .invalidEmail)
    }

    @Test(.spec("ASVS 6.3.1"))
    func mailsToOneAddressAndFromOneNetworkAreLimited() async throws {
        let desk = try MailDesk()
        try await desk.makeAda()
        for _ in 0..<7 {
            #expect(try await desk.reset.request("ada@example.org", from: MailDesk.origin) == .taken)
        }
        #expect(try await desk.storage.mails.figures().waiting == 5)
        for number in 0..<40 { _ = try await desk.reset.request("\(number)@example.org", from: MailDesk.origin) }
        #expect(
            try await desk.reset.request("x@example.org", from: MailDesk.origin) == .limited(.seconds(300)))
        let elsewhere = SignInOrigin(address: [198, 51, 100, 7])
        #expect(try await desk.reset.request("x@example.org", from: elsewhere) == .taken)
    }

    @Test func aLinkOfAnotherPurposeResetsNothing() async throws {
        let desk = try MailDesk()
        let begun = try await desk.signUp.begin(
            email: "new@example.org", name: "New", password: "my password here", browser: "b", interaction: nil,
            from: MailDesk.origin)
        guard case .waiting = begun else {
            Issue.record("\(begun)")
            return
        }
        try await desk.deliver()
        #expect(try await desk.reset.account(of: desk.newestLink()) == nil)
        #expect(try await desk.signUp.proof(of: desk.newestLink(), for: .signUp) != nil)
        #expect(try await desk.signUp.proof(of: desk.newestLink(), for: .invitation) == nil)
    }
}
