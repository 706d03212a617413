import AuthorizationServer
import Directory
import DirectoryTesting
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("Limits while a directory says nothing")
struct DirectorySilenceTests {
    private static func gate(_ clock: TestClock) throws -> ChallengeGate {
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let work = ProofOfWork(masterKey, clock: clock, random: SystemRandom())
        return ChallengeGate(.adaptive, work: work, clock: clock)
    }

    // What is not answered counts where it comes from, and does not lock out whose answer it would have been.
    @Test(arguments: ["grace@corp.example", TestSite.email, "nobody@corp.example"])
    func countsByAddressAndLocksNobodyOut(_ email: String) async throws {
        try await DirectorySite.with(limits: SignInLimits(perAddress: 8)) { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
            try await site.link(site.test.user, to: "e-ada")
            site.scripted.fail(.unavailable(.unreachable))
            var statuses: [Int] = []
            for _ in 0..<10 { statuses.append(await site.signIn(TestBrowser(site.test), email).status) }
            // More than would lock somebody who is wrong, alike whoever has the address.
            #expect(statuses == [Int](repeating: 503, count: 8) + [429, 429])
            site.scripted.fail(nil)
            site.test.clock.advance(by: .seconds(60))
            let page = await site.signIn(TestBrowser(site.test), email)
            #expect(email.hasPrefix("nobody") ? page.status == 403 : page.answer?[.code] != nil)
        }
    }

    @Test func leadsToTheChallenge() async throws {
        try await DirectorySite.with(challenges: Self.gate) { (site) async throws in
            site.scripted.fail(.unavailable(.timedOut))
            for _ in 0..<3 {
                #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").status == 503)
            }
            let page = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            #expect(page.status == 403 && page.text.contains("name=\"challenge\""))
        }
        try await DirectorySite.with(challenges: Self.gate) { (site) async throws in
            for _ in 0..<4 {
                #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
            }
        }
    }

    @Test func leadsAppsToAProofOfWork() async throws {
        try await DirectorySite.with(challenges: Self.gate) { (site) async throws in
            let app = try await App(site.test, .tokens)
            let login: JSONValue = ["email": "grace@corp.example", "password": .string(DirectorySite.password)]
            site.scripted.fail(.unavailable(.timedOut))
            for _ in 0..<3 { #expect(try await app.call(.login, login).problem == "busy") }
            #expect(try await app.call(.login, login).problem == "challengeRequired")
        }
    }

    // A password of ours can be guessed no more often than one lock lets through, and only as long as the silence lasts.
    @Test func aPasswordOfOursIsNotGuessedWithoutEnd() async throws {
        let rule = LockRule(failures: 4, step: .seconds(3000), longest: .seconds(3600), memory: .seconds(86_400))
        let limits = SignInLimits(perAddress: 0, perNetwork: 0, lock: nil, account: rule, everywhere: 0)
        try await DirectorySite.with(limits: limits) { (site) async throws in
            let known = TestBrowser(site.test)
            #expect(await site.signIn(known, TestSite.email, TestSite.password).answer?[.code] != nil)
            site.scripted.fail(.unavailable(.unreachable))
            var statuses: [Int] = []
            for _ in 0..<9 {
                statuses.append(await site.signIn(TestBrowser(site.test), TestSite.email, "guess").status)
            }
            // Also the one that finds out that it is silent counts.
            #expect(statuses == [Int](repeating: 503, count: 4) + [Int](repeating: 429, count: 5))
            // Others do not lock its owner out, where the password is ours.
            known.cookies["__Host-martlet-session"] = nil
            #expect(await site.signIn(known, TestSite.email, TestSite.password).answer?[.code] != nil)
            site.scripted.fail(nil)
            site.test.clock.advance(by: .seconds(60))
            let own = await site.signIn(TestBrowser(site.test), TestSite.email, TestSite.password)
            #expect(own.answer?[.code] != nil)
        }
    }

    // An account of ours there whose time is over, say: a quite usual state that lasts for days.
    @Test(arguments: [DirectoryFault.refused(.wrongAccount), .busy, .unavailable(.tooLarge)])
    func norWhereItAnswersWithoutAVerdict(_ fault: DirectoryFault) async throws {
        let rule = LockRule(failures: 4, step: .seconds(3000), longest: .seconds(3600), memory: .seconds(86_400))
        let limits = SignInLimits(perAddress: 0, perNetwork: 0, lock: nil, account: rule, everywhere: 0)
        try await DirectorySite.with(limits: limits) { (site) async throws in
            site.scripted.fail(fault)
            var statuses: [Int] = []
            for _ in 0..<6 {
                statuses.append(await site.signIn(TestBrowser(site.test), TestSite.email, "guess").status)
            }
            #expect(statuses == [503, 503, 503, 503, 429, 429])
        }
    }

    @Test func isItsOwnEventAndNoFailureOfThePerson() async throws {
        try await DirectorySite.with { (site) async throws in
            _ = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            let user = try #require(try await site.user("grace@corp.example"))
            site.scripted.fail(.unavailable(.unreachable))
            for _ in 0..<4 { _ = await site.signIn(TestBrowser(site.test), "grace@corp.example") }
            let silent = try await site.events().filter { $0.action == "directory_silent" }
            #expect(silent.count == 4 && silent.allSatisfy { $0.subject == user.id && $0.actor == .stranger })
            #expect(Set(silent.compactMap(\.details)).count == 2)
            #expect(silent.contains { $0.details?.contains("unreachable") == true })
            #expect(silent.contains { $0.details?.contains("resting") == true })
            #expect(try await !site.events().contains { $0.action == "sign_in" && $0.outcome == .refused })
            site.scripted.fail(nil)
            site.test.clock.advance(by: .seconds(60))
            _ = await site.signIn(TestBrowser(site.test), "grace@corp.example", "wrong")
            #expect(try await site.events().contains { $0.action == "sign_in" && $0.outcome == .refused })
        }
    }

    // The directory knows her by several addresses; her browser knows the account.
    @Test func aBrowserIsKnownWhateverAddressWasTyped() async throws {
        let login = "grace.login@corp.example"
        let rule = LockRule(failures: 3, step: .seconds(3000), longest: .seconds(3600), memory: .seconds(86_400))
        let limits = SignInLimits(perAddress: 0, perNetwork: 0, lock: nil, account: rule, everywhere: 0)
        try await DirectorySite.with(limits: limits) { (site) async throws in
            let (hers, other) = (TestBrowser(site.test), TestBrowser(site.test))
            #expect(await site.signIn(other, "kate@corp.example").answer?[.code] != nil)
            #expect(await site.signIn(hers, "grace@corp.example").answer?[.code] != nil)
            for browser in [hers, other] { browser.cookies["__Host-martlet-session"] = nil }
            #expect(await site.signIn(hers, login).answer?[.code] != nil)
            hers.cookies["__Host-martlet-session"] = nil
            let user = try #require(try await site.user("grace@corp.example"))
            #expect(try await site.links(of: user) == ["corp e-grace"])
            for _ in 0..<3 { _ = await site.signIn(TestBrowser(site.test), login, "guess") }
            // Locked for browsers in which she never was.
            #expect(await site.signIn(TestBrowser(site.test), login).status == 429)
            #expect(await site.signIn(other, login).status == 429)
            #expect(await site.signIn(hers, login).answer?[.code] != nil)
            // Whoever ends all sessions is as unknown there as anybody.
            hers.cookies["__Host-martlet-session"] = nil
            let users = site.test.environment.storage.users
            #expect(try await users.setPassword("$argon2id$none", of: user.id, at: site.test.clock.now))
            #expect(await site.signIn(hers, login).status == 429)
        }
    }
}
