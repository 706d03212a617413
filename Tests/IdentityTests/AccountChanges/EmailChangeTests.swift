import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Another address for an account")
struct EmailChangeTests {
    private static func waiting(
        _ desk: MailDesk, _ ada: User, _ email: String = "new@example.org"
    ) async throws -> String {
        let request = try await desk.emailChange.request(email, for: ada, from: MailDesk.origin)
        guard case .waiting(let id) = request else {
            Issue.record("\(request)")
            return ""
        }
        return id
    }

    @Test(.spec("ASVS 6.4.1", "ASVS 6.3.7"))
    func theCodeChangesItOnceAndBothAddressesAreTold() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let id = try await Self.waiting(desk, ada)
        try await desk.deliver()
        #expect(desk.transport.sent.last?.recipient.rawValue == "new@example.org")
        let code = try desk.newestCode()
        let wrong = code == "000000" ? "000001" : "000000"
        #expect(try await desk.emailChange.finish(id, code: wrong, for: ada) == .wrongCode(left: 4))
        let other = try await desk.accounts.add(email: "o@example.org", name: "", isVerified: true, password: nil)
        #expect(try await desk.emailChange.finish(id, code: code, for: other) == .over)
        let finished = try await desk.emailChange.finish(id, code: code, for: ada)
        guard case .changed(let changed) = finished else {
            Issue.record("\(finished)")
            return
        }
        #expect(changed.id == ada.id && changed.email.rawValue == "new@example.org" && changed.isEmailVerified)
        #expect(try await desk.emailChange.finish(id, code: code, for: changed) == .over)
        try await desk.deliver()
        let told = desk.transport.sent.suffix(2).map { ($0.recipient.rawValue, $0.content.text.prefix(10)) }
        #expect(Set(told.map { $0.0 + " " + $0.1 }) == ["ada@example.org emailChang", "new@example.org emailTaken"])
    }

    @Test func theLinkIsForWhoAskedAlone() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        _ = try await Self.waiting(desk, ada)
        try await desk.deliver()
        let link = try desk.newestLink()
        let other = try await desk.accounts.add(email: "o@example.org", name: "", isVerified: true, password: nil)
        for _ in 0..<3 { #expect(try await desk.emailChange.proof(of: link) != nil) }
        #expect(try await desk.emailChange.finish(link: link, for: other) == .over)
        guard case .changed = try await desk.emailChange.finish(link: link, for: ada) else {
            Issue.record("the link of its owner works")
            return
        }
        #expect(try await desk.emailChange.proof(of: link) == nil)
    }

    @Test func ofManyAtOnceOneChangesIt() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        _ = try await Self.waiting(desk, ada)
        try await desk.deliver()
        let (link, change) = (try desk.newestLink(), desk.emailChange)
        let outcomes = try await concurrently(8) { try await change.finish(link: link, for: ada) }
        #expect(outcomes.count { $0 == .over } == 7)
        #expect(try await desk.storage.mails.figures().waiting == 2)
    }

    @Test(.spec("ASVS 6.3.8"))
    func anAddressWithAnAccountTakesTheSameCourse() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        _ = try await desk.accounts.add(email: "taken@example.org", name: "Zoë", isVerified: true, password: nil)
        let id = try await Self.waiting(desk, ada, "taken@example.org")
        let texts = try await desk.deliver()
        #expect(texts.last?.hasPrefix("emailInUse") == true)
        for left in [4, 3, 2, 1] {
            #expect(try await desk.emailChange.finish(id, code: "123456", for: ada) == .wrongCode(left: left))
        }
        #expect(try await desk.emailChange.finish(id, code: "123456", for: ada) == .codeIsOver)
        #expect(try await desk.emailChange.resend(id, for: ada.id, from: MailDesk.origin) == .sent)
        #expect(try await desk.storage.users.find(ada.id)?.email == ada.email)
    }

    @Test func whatCannotBeIsRefusedAndMailsAreLimited() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let change = desk.emailChange
        #expect(try await change.request("no address", for: ada, from: MailDesk.origin) == .invalidEmail)
        #expect(try await change.request(" ADA@example.org", for: ada, from: MailDesk.origin) == .ownEmail)
        for _ in 0..<7 { _ = try await Self.waiting(desk, ada) }
        #expect(try await desk.storage.mails.figures().waiting == 5)
        for number in 0..<40 {
            _ = try await change.request("\(number)@example.org", for: ada, from: MailDesk.origin)
        }
        #expect(try await change.request("x@example.org", for: ada, from: MailDesk.origin) == .limited(.seconds(300)))
        let elsewhere = SignInOrigin(address: [198, 51, 100, 7])
        guard case .waiting = try await change.request("x@example.org", for: ada, from: elsewhere) else {
            Issue.record("from elsewhere it is taken")
            return
        }
    }

    @Test func aFrozenAccountKeepsItsAddress() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.storage.freeze(ada.id.rawValue, until: desk.clock.now + .seconds(3600))
        // The proof of a request that was under way.
        _ = try await Self.waiting(desk, ada)
        try await desk.deliver()
        let link = try desk.newestLink()
        #expect(try await desk.emailChange.finish(link: link, for: ada) == .over)
        desk.clock.advance(by: .seconds(3600))
        guard case .changed = try await desk.emailChange.finish(link: link, for: ada) else {
            Issue.record("thawed, it changes")
            return
        }
    }
}
