import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Another password by who is signed in")
struct PasswordChangeTests {
    private static let new = "a brand new password"

    @Test(.spec("ASVS 6.2.2", "ASVS 6.2.3"))
    func theOneBeforeIsAskedForAndEverythingEnds() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.storage.sessions.start(.withEveryFieldSet(user: ada.id.rawValue), replacing: nil)
        let change = try desk.passwordChange()
        #expect(
            try await change.change(for: ada, current: "wrong", to: Self.new, from: MailDesk.origin) == .wrongPassword)
        #expect(
            try await change.change(for: ada, current: "the old password", to: "short", from: MailDesk.origin)
                == .unfitPassword)
        #expect(try await desk.storage.mails.figures().waiting == 0)
        #expect(try await desk.storage.sessions.list(of: ada.id, at: desk.clock.now).count == 1)
        let outcome = try await change.change(
            for: ada, current: "the old password", to: Self.new, from: MailDesk.origin)
        #expect(outcome == .changed(at: desk.clock.now))
        #expect(try await desk.storage.sessions.list(of: ada.id, at: desk.clock.now).isEmpty)
        #expect(try await desk.deliver().last?.hasPrefix("passwordChanged") == true)
        #expect(try await desk.recourses.recourse(of: desk.newestLink(), for: .disown) != nil)
        let signIn = PasswordSignIn(desk.storage.users, hasher: desk.hasher)
        #expect(try await signIn.authenticate(email: "ada@example.org", password: Self.new) != nil)
        #expect(try await signIn.authenticate(email: "ada@example.org", password: "the old password") == nil)
    }

    @Test func aWrongPasswordBeforeCountsAsAnAttemptToSignIn() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let change = try desk.passwordChange()
        for _ in 0..<5 {
            #expect(
                try await change.change(for: ada, current: "guess", to: Self.new, from: MailDesk.origin)
                    == .wrongPassword)
        }
        let outcome = try await change.change(
            for: ada, current: "the old password", to: Self.new, from: MailDesk.origin)
        #expect(outcome == .limited(.seconds(300)))
        desk.clock.advance(by: .seconds(300))
        #expect(
            try await change.change(for: ada, current: "the old password", to: Self.new, from: MailDesk.origin)
                == .changed(at: desk.clock.now))
    }

    @Test func ofManyAtOnceOneIsSet() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        let change = try desk.passwordChange(.none)
        let outcomes = try await concurrently(8) {
            try await change.change(for: ada, current: "the old password", to: Self.new, from: MailDesk.origin)
        }
        #expect(outcomes.count { $0 == .changed(at: desk.clock.now) } == 1)
        #expect(outcomes.allSatisfy { [.changed(at: desk.clock.now), .refused, .wrongPassword].contains($0) })
        #expect(try await desk.storage.mails.figures().waiting == 1)
    }

    @Test func aFrozenAccountKeepsItsPasswordAndAnAccountWithoutOneGetsItsFirst() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        try await desk.storage.freeze(ada.id.rawValue, until: desk.clock.now + .seconds(9))
        let change = try desk.passwordChange()
        #expect(
            try await change.change(for: ada, current: "the old password", to: Self.new, from: MailDesk.origin)
                == .refused)
        let bob = try await desk.accounts.add(email: "bob@example.org", name: "", isVerified: true, password: nil)
        let outcome = try await change.change(for: bob, current: "", to: Self.new, from: MailDesk.origin)
        #expect(outcome == .changed(at: desk.clock.now))
        // He has one by now: who still thinks not has to know it.
        #expect(
            try await change.change(for: bob, current: "", to: "one more password", from: MailDesk.origin) == .refused)
    }

    @Test func aSecondFactorMakesShorterPasswordsGoodEnough() async throws {
        let desk = try MailDesk()
        let ada = try await desk.makeAda()
        #expect(try await PasswordOwner(of: ada, in: desk.storage).factors == .passwordAlone)
        let keys = desk.storage.secondFactors.authenticators
        #expect(
            try await keys.propose(
                TOTPKey(userID: ada.id, sealed: [1], createdAt: .noon, confirmedAt: nil, lastStep: nil)))
        #expect(try await PasswordOwner(of: ada, in: desk.storage).factors == .passwordAlone)
        #expect(try await keys.confirm(ada.id, proposedAt: .noon, step: 1, at: .noon))
        #expect(try await PasswordOwner(of: ada, in: desk.storage).factors == .withSecondFactor)
    }
}
