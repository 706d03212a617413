import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("The second factor waits for its own browser and person", .spec("O-07", "THREATS session fixation"))
struct SecondFactorTests {
    private struct Scene {
        let storage = Storage.inMemory()
        let clock = TestClock()
        let secondFactor: SecondFactor
        let zoe = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
        let ada = User.withNothingOptional(id: "u_ada", email: "ada@example.org")

        init() async throws {
            secondFactor = SecondFactor(
                storage, masterKey: try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32)))), clock: clock,
                random: SystemRandom(), issuer: "id.example")
            for user in [zoe, ada] { #expect(try await storage.users.insert(user)) }
        }

        func turnOn(_ user: User) async throws {
            #expect(
                try await storage.secondFactors.authenticators.propose(.withEveryFieldSet(user: user.id.rawValue)))
        }
    }

    private static let place = TokenDigest.numbered(1)
    private static let browser = TokenDigest.numbered(2)

    @Test func aPasswordWaitsAtItsPlaceInItsBrowser() async throws {
        let scene = try await Scene()
        try await scene.secondFactor.wait(
            for: scene.zoe.id, provenAt: scene.clock.now, at: Self.place, in: Self.browser)
        #expect(try await scene.secondFactor.waiting(at: Self.place, in: .numbered(3)) == nil)
        #expect(try await scene.secondFactor.waiting(at: .numbered(3), in: Self.browser) == nil)
        let waiting = try #require(try await scene.secondFactor.waiting(at: Self.place, in: Self.browser))
        #expect(waiting.user == scene.zoe)
        scene.clock.advance(by: SecondFactor.patience)
        #expect(try await scene.secondFactor.waiting(at: Self.place, in: Self.browser) == nil)
        #expect(try await !scene.secondFactor.finish(waiting))
    }

    @Test func ofManyAtTheSameTimeOneBeginsASession() async throws {
        let scene = try await Scene()
        try await scene.secondFactor.wait(
            for: scene.zoe.id, provenAt: scene.clock.now, at: Self.place, in: Self.browser)
        let waiting = try #require(try await scene.secondFactor.waiting(at: Self.place, in: Self.browser))
        let secondFactor = scene.secondFactor
        let outcomes = try await concurrently(32) { try await secondFactor.finish(waiting) }
        #expect(outcomes.count { $0 } == 1)
    }

    @Test func anotherPersonsPasswordIsNotFinishedByTheFirstOnes() async throws {
        let scene = try await Scene()
        try await scene.secondFactor.wait(
            for: scene.zoe.id, provenAt: scene.clock.now, at: Self.place, in: Self.browser)
        let zoes = try #require(try await scene.secondFactor.waiting(at: Self.place, in: Self.browser))
        scene.clock.advance(by: .seconds(1))
        try await scene.secondFactor.wait(
            for: scene.ada.id, provenAt: scene.clock.now, at: Self.place, in: Self.browser)
        #expect(try await !scene.secondFactor.finish(zoes))
        let adas = try #require(try await scene.secondFactor.waiting(at: Self.place, in: Self.browser))
        #expect(adas.user == scene.ada)
        #expect(try await scene.secondFactor.finish(adas))
    }

    @Test func recoveryCodesWithoutAnAppOpenNothing() async throws {
        let scene = try await Scene()
        let codes = try #require(try await scene.secondFactor.recoveryCodes.renew(for: scene.zoe.id))
        #expect(try await !scene.secondFactor.accept(codes[0].text, by: .recoveryCode, for: scene.zoe.id))
        try await scene.turnOn(scene.zoe)
        #expect(try await !scene.secondFactor.accept(codes[0].text, by: .app, for: scene.zoe.id))
        #expect(try await scene.secondFactor.accept(codes[0].text, by: .recoveryCode, for: scene.zoe.id))
    }

    @Test func aRememberedBrowserIsOnePersonsForThirtyDays() async throws {
        let scene = try await Scene()
        let devices = scene.secondFactor.devices
        let traits = BrowserTraits(userAgent: "Firefox/128.0 Linux", address: [])
        let secret = try await devices.remember(for: scene.zoe.id, on: traits)
        #expect(secret.utf8.count == 43)
        #expect(try await !devices.knows(secret, for: scene.ada.id))
        #expect(try await !devices.knows(secret + "A", for: scene.zoe.id))
        scene.clock.advance(by: .seconds(30 * 86_400 - 1))
        #expect(try await devices.knows(secret, for: scene.zoe.id))
        #expect(try await devices.list(of: scene.zoe.id).map(\.device) == ["Firefox on Linux"])
        scene.clock.advance(by: .seconds(1))
        #expect(try await !devices.knows(secret, for: scene.zoe.id))
    }

    @Test func oneBrowserRemembersSeveralPeopleEachByASecretOfTheirOwn() async throws {
        let scene = try await Scene()
        let devices = scene.secondFactor.devices
        let zoes = try await devices.remember(for: scene.zoe.id, on: .unknown)
        let both = try await devices.remember(for: scene.ada.id, on: .unknown, after: zoes)
        #expect(both.hasPrefix(zoes + "."))
        for user in [scene.zoe.id, scene.ada.id] { #expect(try await devices.knows(both, for: user)) }
        #expect(try await !devices.knows(zoes, for: scene.ada.id))
        // Who is remembered anew has one secret, not two.
        let again = try await devices.remember(for: scene.zoe.id, on: .unknown, after: both)
        #expect(again.split(separator: ".").count == 2 && !again.contains(zoes))
        #expect(try await devices.list(of: scene.zoe.id).count == 1)
        for user in [scene.zoe.id, scene.ada.id] { #expect(try await devices.knows(again, for: user)) }
        // What we cannot have put there is dropped, and the cookie stays short.
        #expect(try await !devices.remember(for: scene.zoe.id, on: .unknown, after: "planted").contains("planted"))
        var cookie: String?
        for number in 0..<12 {
            let user = UserID(rawValue: "u_\(number)")
            cookie = try await devices.remember(for: user, on: .unknown, after: cookie)
        }
        #expect(cookie?.split(separator: ".").count == 8)
    }
}
