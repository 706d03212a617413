import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("The end of an account")
struct AccountDeletionTests {
    @Test func comesAfterTheTimeOfGraceAndTakesEverything() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let other = try await desk.accounts.add(email: "o@example.org", name: "", isVerified: true, password: nil)
        try await desk.storage.sessions.start(.withEveryFieldSet(user: ada.id.rawValue), replacing: nil)
        let end = try await desk.deletion.ask(for: ada)
        #expect(end == desk.clock.now + AccountDeletion.standardGrace)
        #expect(try await desk.deletion.moment(for: ada.id) == end)
        #expect(try await desk.deletion.ask(for: ada) == nil)
        #expect(try await desk.storage.sessions.list(of: ada.id, at: desk.clock.now).isEmpty)
        #expect(try await desk.deliver().last?.hasPrefix("deletion") == true)
        desk.clock.advance(by: AccountDeletion.standardGrace - .microseconds(1))
        #expect(try await desk.erasure.eraseDue(at: desk.clock.now, limit: 9).isEmpty)
        desk.clock.advance(by: .microseconds(1))
        #expect(try await desk.erasure.eraseDue(at: desk.clock.now, limit: 9) == [ada.id])
        #expect(try await desk.erasure.eraseDue(at: desk.clock.now, limit: 9).isEmpty)
        #expect(try await desk.storage.users.find(ada.id) == nil)
        #expect(try await desk.storage.users.find(other.id) == other)
        try await desk.makeAda()
    }

    @Test func isTakenBackByTheLinkOnce() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        _ = try await desk.deletion.ask(for: ada)
        try await desk.deliver()
        let (link, recourses) = (try desk.newestLink(), desk.recourses)
        #expect(try await recourses.recourse(of: link, for: .keepAccount)?.userID == ada.id)
        let outcomes = try await concurrently(8) { try await recourses.keepAccount(link) }
        #expect(outcomes.count { $0 } == 1)
        #expect(try await desk.deletion.moment(for: ada.id) == nil)
        desk.clock.advance(by: AccountDeletion.standardGrace)
        #expect(try await desk.erasure.eraseDue(at: desk.clock.now, limit: 9).isEmpty)
        // Another time it works the same way, and the link of the first is worth nothing.
        _ = try await desk.deletion.ask(for: ada)
        #expect(try await !recourses.keepAccount(link))
        #expect(try await desk.deletion.keep(ada.id))
        #expect(try await !desk.deletion.keep(ada.id))
    }
}
