import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Ways back from changes of an account", .spec("ASVS 6.3.7"))
struct RecoursesTests {
    /// Changes Ada's address; answers the link in the mail to the address before.
    private static func moved(_ desk: MailDesk, _ ada: User, to email: String) async throws -> String {
        _ = try await desk.emailChange.request(email, for: ada, from: MailDesk.origin)
        try await desk.deliver()
        guard case .changed = try await desk.emailChange.finish(link: desk.newestLink(), for: ada) else {
            Issue.record("the address changes")
            return ""
        }
        try await desk.deliver()
        return try link(in: desk, to: ada.email.rawValue, "emailChanged")
    }

    /// The link of the newest mail of a kind to an address.
    private static func link(in desk: MailDesk, to email: String, _ kind: String) throws -> String {
        let mail = try #require(
            desk.transport.sent.last { $0.recipient.rawValue == email && $0.content.text.contains(kind) })
        let start = try #require(mail.content.text.firstRange(of: "?link=")).upperBound
        return String(mail.content.text[start...].prefix { $0 != "\"" })
    }

    @Test func theAddressBeforeTakesTheChangeBackOnceForAWeek() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let link = try await Self.moved(desk, ada, to: "thief@example.org")
        // A new password keeps nobody from it.
        try await desk.accounts.setPassword("the password of a thief", of: "thief@example.org")
        desk.clock.advance(by: EmailChange.patience - .seconds(1))
        for _ in 0..<3 { #expect(try await desk.recourses.recourse(of: link, for: .restoreEmail) != nil) }
        let recourses = desk.recourses
        let outcomes = try await concurrently(8) { try await recourses.restoreEmail(link) }
        #expect(outcomes.count { $0 } == 1)
        #expect(try await desk.storage.users.find(ada.id)?.email == ada.email)
        try await desk.deliver()
        let reset = try Self.link(in: desk, to: "ada@example.org", "resetPassword")
        #expect(try await desk.reset.finish(reset, password: "a password of my own") == .changed)
        #expect(try await desk.deletion.freeze(of: ada.id) == desk.clock.now + Recourses.freeze)
    }

    @Test func afterAWeekItIsTooLate() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let link = try await Self.moved(desk, ada, to: "new@example.org")
        desk.clock.advance(by: EmailChange.patience)
        #expect(try await !desk.recourses.restoreEmail(link))
        #expect(try await desk.storage.users.find(ada.id)?.email.rawValue == "new@example.org")
    }

    @Test func aSecondChangeDoesNotEndTheWayBackToTheFirstAddress() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let first = try await Self.moved(desk, ada, to: "one@example.org")
        desk.clock.advance(by: .seconds(60))
        let moved = try #require(try await desk.storage.users.find(ada.id))
        let second = try await Self.moved(desk, moved, to: "two@example.org")
        #expect(try await desk.recourses.restoreEmail(first))
        #expect(try await desk.storage.users.find(ada.id)?.email == ada.email)
        #expect(try await !desk.recourses.restoreEmail(second))
    }

    @Test func whoDisownsASignInGetsTheAddressOfTheMailBack() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.notices.tell(
            .newDevice(BrowserTraits(userAgent: "Firefox/128.0", address: [192, 0, 2, 7])), ada)
        try await desk.deliver()
        let link = try desk.newestLink()
        desk.clock.advance(by: .seconds(60))
        let later = try await Self.moved(desk, ada, to: "thief@example.org")
        let thief = try #require(try await desk.storage.users.find(ada.id))
        try await desk.notices.tell(.recoveryCodesRenewed, thief)
        try await desk.deliver()
        let thiefsLink = try desk.newestLink()
        #expect(try await desk.recourses.disown(link))
        #expect(try await desk.storage.users.find(ada.id)?.email == ada.email)
        try await desk.deliver()
        let reset = try Self.link(in: desk, to: "ada@example.org", "resetPassword")
        #expect(try await desk.reset.finish(reset, password: "a password of my own") == .changed)
        // What was mailed since, to whomever, is worth nothing.
        #expect(try await !desk.recourses.disown(thiefsLink))
        #expect(try await !desk.recourses.restoreEmail(later))
    }

    @Test func whoDisownsASignInWhoseAddressIsSomebodyElsesByNowSendsThemNothing() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.notices.tell(
            .newDevice(BrowserTraits(userAgent: "Firefox/128.0", address: [192, 0, 2, 7])), ada)
        try await desk.deliver()
        let link = try desk.newestLink()
        _ = try await Self.moved(desk, ada, to: "new@example.org")
        let other = User.withNothingOptional(id: "u_other", email: ada.email.rawValue)
        #expect(try await desk.storage.users.insert(other))
        let sent = desk.transport.sent.count
        #expect(try await desk.recourses.disown(link))
        try await desk.deliver()
        #expect(desk.transport.sent.count == sent)
        #expect(try await desk.storage.users.find(ada.id)?.passwordHash == nil)
        #expect(try await desk.storage.users.find(other.id) == other)
        #expect(try await desk.deletion.freeze(of: ada.id) != nil)
    }

    @Test func whoSaysThatItWasNotThemEndsAllAndFreezesTheAccountForADay() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.storage.sessions.start(.withEveryFieldSet(user: ada.id.rawValue), replacing: nil)
        let traits = BrowserTraits(userAgent: "Firefox/128.0 Linux", address: [192, 0, 2, 7])
        try await desk.notices.tell(.newDevice(traits), ada)
        let text = try #require(try await desk.deliver().last)
        #expect(text.contains("Firefox on Linux") && text.contains("192.0.2.0/24"))
        let link = try desk.newestLink()
        #expect(try await desk.recourses.recourse(of: link, for: .restoreEmail) == nil)
        #expect(try await desk.storage.sessions.list(of: ada.id, at: desk.clock.now).count == 1)
        #expect(try await desk.recourses.disown(link))
        #expect(try await !desk.recourses.disown(link))
        #expect(try await desk.storage.sessions.list(of: ada.id, at: desk.clock.now).isEmpty)
        #expect(try await desk.storage.users.find(ada.id)?.passwordHash == nil)
        #expect(try await desk.deletion.ask(for: ada) == nil)
        try await desk.deliver()
        #expect(try await desk.reset.finish(desk.newestLink(), password: "a password of my own") == .changed)
        let changed = try await desk.passwordChange().change(
            for: try #require(try await desk.storage.users.find(ada.id)), current: "a password of my own",
            to: "the password of a thief", from: MailDesk.origin)
        #expect(changed == .refused)
        desk.clock.advance(by: Recourses.freeze)
        #expect(try await desk.deletion.freeze(of: ada.id) == nil)
        #expect(try await desk.deletion.ask(for: ada) != nil)
    }

    @Test(arguments: [
        AccountNotices.Event.authenticatorAdded, .authenticatorRemoved, .recoveryCodeUsed(left: 3),
        .accountMade("Login"), .recoveryCodesRenewed, .passkeyAdded("Blue\r\nkey"), .passkeyRemoved("Blue key"),
        .passwordRemoved, .mailCodesAdded, .mailCodesRemoved,
    ])
    func everyNoticeIsMailedAsItWasOrdered(_ event: AccountNotices.Event) async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.notices.tell(event, ada)
        let texts = try await desk.deliver()
        var shown = event
        if case .passkeyAdded = event { shown = .passkeyAdded("Blue  key") }
        #expect(texts.count == 1 && texts.last?.contains("\(shown)") == true)
        let silent = AccountNotices(desk.storage, clock: desk.clock, random: desk.random, wake: nil)
        try await silent.tell(event, ada)
        #expect(try await desk.deliver().count == 1)
    }

    @Test func whoHasThePasswordDoesNotFillTheBoxOfItsOwner() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        for _ in 0..<9 { try await desk.notices.tell(.newDevice(.unknown), ada) }
        #expect(try await desk.storage.mails.figures().waiting == 5)
        try await desk.notices.tell(.authenticatorAdded, ada)
        #expect(try await desk.storage.mails.figures().waiting == 6)
    }

    @Test func whoHasNoAccountIsToldWhereTheOperatorWantsIt() async throws {
        for tellsUnknown in [false, true] {
            let desk = try MailDesk(tellsUnknown: tellsUnknown)
            #expect(try await desk.reset.request("nobody@example.org", from: MailDesk.origin) == .taken)
            #expect(try await desk.deliver() == (tellsUnknown ? ["noAccount"] : []))
        }
    }
}
