import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Pages
import Testing
import Web

@Suite("Passwords that are chosen on pages")
struct ChosenPasswordPageTests {
    private func desk(
        challenges: (TestClock) throws -> ChallengeGate? = { _ in nil }
    ) async throws -> MailDesk {
        let words = try WordList(path: TestSite.templates + "/../deploy/passwords/words.txt")
        let filter = try BreachedPasswords(path: TestSite.templates + "/../deploy/passwords/common.filter")
        return try await MailDesk(judge: PasswordJudge(words: words, breached: filter), challenges: challenges)
    }

    /// The messages that a page shows.
    private func messages(_ page: Page) -> Set<String> {
        let texts = page.text.split(separator: "\n").filter {
            $0.contains("data-message=\"") && !$0.contains(" hidden>")
        }
        return Set(texts.compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) })
    }

    @Test("W-01, W-03: sign-up refuses what is short, weak or the person's own, and says why")
    func signUp() async throws {
        let desk = try await desk()
        for (password, message) in [
            ("vT7#qpXz9!", "tooShort"), ("passwordpassword", "tooWeak"), ("NewPersonExample", "ownWord"),
        ] {
            let refused = await SignUpPageTests.begin(desk, ["password": password])
            #expect(refused.status == 422 && messages(refused).contains(message), "\(password)")
            #expect(!refused.text.contains(password))
        }
        let page = await SignUpPageTests.begin(desk, ["password": "walnut harbour quilt"])
        #expect(page.status == 200 && page.text.contains("id=\"code\""))
    }

    @Test("W-03: so does a reset")
    func reset() async throws {
        let desk = try await desk()
        let page = try await PasswordResetPageTests.open(desk)
        #expect(messages(page).isEmpty)
        let refused = await desk.browser.submit(page, ["password": "AdaLovelace1815"])
        #expect(refused.status == 422 && messages(refused).contains("ownWord"))
        #expect(await desk.browser.submit(refused, ["password": "walnut harbour quilt"]).status == 200)
    }

    @Test func aSignUpTakesAChallengeWhereOneIsAsked() async throws {
        let desk = try await desk { clock in
            let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            let work = ProofOfWork(masterKey, clock: clock, random: SystemRandom())
            clock.advance(by: .seconds(1))
            return ChallengeGate(.always, work: work, clock: clock)
        }
        let page = await SignUpPageTests.begin(desk, ["password": "walnut harbour quilt"])
        #expect(page.status == 403 && page.text.contains("no robot") && page.text.contains("data-text="))
        desk.test.clock.advance(by: .seconds(20))
        let fields = SignUpPageTests.fields.merging(["password": "walnut harbour quilt"]) { $1 }
        let waited = await desk.browser.follow(desk.browser.submit(page, fields))
        #expect(waited.status == 200 && waited.text.contains("id=\"code\""))
    }
}
