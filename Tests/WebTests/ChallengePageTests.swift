import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Pages
import Stores
import Testing
import Web

@Suite("Challenges on the sign-in page")
struct ChallengePageTests {
    private static func gate(
        _ mode: ChallengeGate.Mode, _ provider: ProviderChallenge? = nil
    )
        -> @Sendable (TestClock)
        throws -> ChallengeGate
    {
        { clock in
            let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            var cost = ProofOfWork.Cost()
            (cost.bits, cost.rounds) = (4, 2)
            let work = ProofOfWork(masterKey, cost: cost, clock: clock, random: SystemRandom())
            clock.advance(by: .seconds(1))
            return ChallengeGate(mode, provider, work: work, clock: clock)
        }
    }

    private let right = ["email": TestSite.email, "password": TestSite.password]
    private let wrong = ["email": TestSite.email, "password": "something else"]

    /// The fields of a page with the puzzle in them solved, as its script does.
    private func solved(_ page: Page, _ fields: [String: String]) throws -> [String: String] {
        func value(_ name: String) throws -> String {
            let rest = try #require(page.text.components(after: "data-\(name)=\""))
            return String(rest.prefix { $0 != "\"" })
        }
        let (text, bits, rounds) = (
            try value("text"), try #require(Int(value("bits"))), try #require(Int(value("rounds")))
        )
        let numbers = (0..<rounds).map { round in
            var number = 0
            while !startsWithZeros(SHA256.digest(of: "\(text).\(round).\(number)").bytes, bits) { number += 1 }
            return "\(number)"
        }
        return fields.merging(["challenge-solution": numbers.joined(separator: ".")]) { own, _ in own }
    }

    private func startsWithZeros(_ bytes: [UInt8], _ bits: Int) -> Bool {
        (0..<bits).allSatisfy { bytes[$0 / 8] >> UInt8(7 - $0 % 8) & 1 == 0 }
    }

    @Test func aSolvedPuzzleLetsThePasswordThroughOnce() async throws {
        let test = try await TestSite(party: .first, challenges: Self.gate(.always))
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        #expect(page.text.contains("id=\"challenge\""))
        let refused = await browser.submit(page, right.merging(["challenge-solution": "1.1"]) { own, _ in own })
        #expect(refused.status == 403 && refused.text.contains("no robot"))
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        let fields = try solved(page, wrong)
        let once = await browser.submit(page, fields)
        #expect(once.status == 403 && once.text.contains("don’t match"))
        // The same solution with the right password: it is spent.
        let replayed = await browser.submit(page, fields.merging(right) { _, own in own })
        #expect(replayed.status == 403 && replayed.text.contains("no robot"))
        let signedIn = await browser.submit(once, try solved(once, right))
        #expect(signedIn.status == 303 && browser.cookies["__Host-martlet-session"] != nil)
    }

    @Test func aPuzzleOfAnotherBrowserIsRefused() async throws {
        let test = try await TestSite(party: .first, challenges: Self.gate(.always))
        let (own, other) = (TestBrowser(test), TestBrowser(test))
        let (page, foreign) = (await own.follow(test.authorize()), await other.follow(test.authorize()))
        var fields = try solved(foreign, right)
        fields["challenge"] = foreign.hiddenFields["challenge"]
        #expect(await own.submit(page, fields).status == 403)
        #expect(await own.submit(page, try solved(page, right)).status == 303)
    }

    @Test func withoutScriptThePageIsTakenAfterTheWait() async throws {
        let test = try await TestSite(party: .first, challenges: Self.gate(.always))
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        #expect(page.text.contains("<noscript>") && page.text.contains("wait 20 seconds"))
        test.clock.advance(by: .seconds(5))
        let early = await browser.submit(page, right)
        #expect(early.status == 403 && early.text.contains("too soon"))
        // The wait goes on where it was.
        #expect(early.hiddenFields["challenge"] == page.hiddenFields["challenge"])
        test.clock.advance(by: .seconds(15))
        #expect(await browser.submit(early, right).status == 303)
    }

    @Test func adaptiveShowsItAfterThreeWrongPasswords() async throws {
        let test = try await TestSite(party: .first, challenges: Self.gate(.adaptive))
        let browser = TestBrowser(test)
        var page = await browser.follow(test.authorize())
        for _ in 0..<3 {
            #expect(!page.text.contains("id=\"challenge\""))
            page = await browser.submit(page, wrong)
        }
        #expect(page.text.contains("id=\"challenge\""))
        let unsolved = await browser.submit(page, right)
        #expect(unsolved.status == 403 && browser.cookies["__Host-martlet-session"] == nil)
        #expect(await browser.submit(unsolved, try solved(unsolved, right)).status == 303)
    }

    @Test func aWidgetsOriginsJoinThePolicyOfItsPageAlone() async throws {
        let provider = ProviderChallenge(
            .turnstile, siteKey: "site-key", secret: Secret([1]), host: "id.example", fetch: NoAnswer())
        let test = try await TestSite(party: .first, challenges: Self.gate(.always, provider))
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        let policy = try #require(page.response.headers["Content-Security-Policy"])
        #expect(policy.contains("script-src 'self' https://challenges.cloudflare.com;"))
        #expect(policy.contains("frame-src https://challenges.cloudflare.com;"))
        #expect(page.text.contains("data-sitekey=\"site-key\""))
        let elsewhere = try #require(await browser.get("/nowhere").response.headers["Content-Security-Policy"])
        #expect(!elsewhere.contains("cloudflare") && !elsewhere.contains("frame-src"))
        // The provider is down: the puzzle stands in.
        let down = await browser.submit(page, right.merging(["cf-turnstile-response": "x"]) { own, _ in own })
        #expect(down.text.contains("data-text=") && !down.text.contains("data-sitekey"))
        #expect(await browser.submit(down, try solved(down, right)).status == 303)
    }

    private struct NoAnswer: WebFetch {
        func get(_ address: String, fields: [(name: String, value: String)]) async throws -> [UInt8] {
            throw CancellationError()
        }

        func post(_ form: [(name: String, value: String)], to address: String) async throws -> [UInt8] {
            throw CancellationError()
        }
    }
}

extension String {
    fileprivate func components(after mark: String) -> Substring? {
        firstRange(of: mark).map { self[$0.upperBound...] }
    }
}
