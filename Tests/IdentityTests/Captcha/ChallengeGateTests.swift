import JOSE
import MartletTesting
import Testing

@testable import Identity

@Suite("When and which challenge")
struct ChallengeGateTests {
    private let clock = TestClock()
    private let occasion = ChallengeOccasion(
        .signIn, subject: "i", browser: "b", origin: SignInOrigin(address: [192, 0, 2, 1]))

    private func gate(_ mode: ChallengeGate.Mode, _ challenge: (any Challenge)? = nil) throws -> ChallengeGate {
        var cost = ProofOfWork.Cost()
        (cost.bits, cost.rounds) = (2, 2)
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 1, count: 32))))
        let work = ProofOfWork(masterKey, cost: cost, clock: clock, random: SystemRandom())
        clock.advance(by: .seconds(1))
        return ChallengeGate(mode, challenge, work: work, clock: clock)
    }

    private func turnstile(_ answer: String?) -> ProviderChallenge {
        ProviderChallenge(
            .turnstile, siteKey: "site", secret: Secret(Array("hidden".utf8)), host: "id.example",
            fetch: answer.map { ScriptedFetch($0) } ?? ScriptedFetch([UInt8]?.none))
    }

    private let typed = ChallengeAnswer { $0 == "cf-turnstile-response" ? "answer" : nil }

    @Test func theModeDecidesWhenItIsShown() throws {
        #expect(try !gate(.never).isWanted(for: occasion, account: "a@example.com"))
        #expect(try gate(.always).isWanted(for: occasion, account: "a@example.com"))
    }

    @Test func adaptiveAsksAfterThreeFailuresFromAnAddress() throws {
        let gate = try gate(.adaptive)
        for number in 1...3 {
            #expect(!gate.isWanted(for: occasion, account: "new@example.com"))
            gate.note(occasion, account: "person\(number)@example.com")
        }
        #expect(gate.isWanted(for: occasion, account: "new@example.com"))
        let elsewhere = ChallengeOccasion(.signIn, browser: "b", origin: SignInOrigin(address: [198, 51, 100, 7]))
        #expect(!gate.isWanted(for: elsewhere, account: "new@example.com"))
        clock.advance(by: .seconds(301))
        #expect(!gate.isWanted(for: occasion, account: "new@example.com"))
    }

    @Test func adaptiveAsksAfterThreeFailuresAtAnAccount() throws {
        let gate = try gate(.adaptive)
        func from(_ host: UInt8) -> ChallengeOccasion {
            ChallengeOccasion(.signIn, browser: "b", origin: SignInOrigin(address: [203, 0, 113, host]))
        }
        for host in UInt8(1)...3 {
            #expect(!gate.isWanted(for: from(9), account: "ada@example.com"))
            gate.note(from(host), account: "Ada@EXAMPLE.com")
        }
        #expect(gate.isWanted(for: from(9), account: "ada@example.com"))
        #expect(!gate.isWanted(for: from(9), account: "bob@example.com"))
    }

    @Test func aProvidersWordCounts() async {
        #expect(await turnstile(#"{"success":true,"hostname":"id.example"}"#).verify(typed, for: occasion) == .passed)
        #expect(await turnstile(#"{"success":true}"#).verify(typed, for: occasion) == .passed)
        #expect(await turnstile(#"{"success":true,"hostname":"evil.example"}"#).verify(typed, for: occasion) == .failed)
        let elsewhere = #"{"success":true,"hostname":"id.example","action":"sign-up"}"#
        #expect(await turnstile(elsewhere).verify(typed, for: occasion) == .failed)
        let here = #"{"success":true,"hostname":"id.example","action":"sign-in"}"#
        #expect(await turnstile(here).verify(typed, for: occasion) == .passed)
        let spent = #"{"success":false,"error-codes":["timeout-or-duplicate"]}"#
        #expect(await turnstile(spent).verify(typed, for: occasion) == .failed)
        let ours = #"{"success":false,"error-codes":["invalid-input-secret"]}"#
        #expect(await turnstile(ours).verify(typed, for: occasion) == .unavailable)
        for broken in ["", "<html>", "{}", #"{"success":"true"}"#] {
            #expect(await turnstile(broken).verify(typed, for: occasion) == .unavailable)
        }
        #expect(await turnstile(nil).verify(typed, for: occasion) == .unavailable)
    }

    @Test func aProviderIsAskedForAnAnswerAlone() async {
        let fetch = ScriptedFetch(#"{"success":true}"#)
        let challenge = ProviderChallenge(
            .hCaptcha, siteKey: "site", secret: Secret(Array("hidden".utf8)), host: "id.example", fetch: fetch)
        let long = ChallengeAnswer { $0 == "h-captcha-response" ? String(repeating: "x", count: 9000) : nil }
        #expect(await challenge.verify(long, for: occasion) == .failed)
        #expect(await challenge.verify(typed, for: occasion) == .failed)
        #expect(fetch.asked.isEmpty)
        let good = ChallengeAnswer { $0 == "h-captcha-response" ? "answer" : nil }
        #expect(await challenge.verify(good, for: occasion) == .passed)
        #expect(fetch.asked == ["https://api.hcaptcha.com/siteverify secret=hidden&response=answer&sitekey=site"])
    }

    @Test func aProvidersOutageBringsThePuzzleInItsPlace() async throws {
        let gate = try gate(.always, turnstile(nil))
        #expect(gate.form(for: occasion) == .widget(.turnstile, siteKey: "site"))
        #expect(await gate.verify(typed, for: occasion) == .unavailable)
        guard case .work(let puzzle) = gate.form(for: occasion, after: typed, .unavailable) else {
            Issue.record("no puzzle")
            return
        }
        let solved = ChallengeAnswer { ["challenge": puzzle.token, "challenge-solution": puzzle.solve()][$0] }
        #expect(await gate.verify(solved, for: occasion) == .passed)
        #expect(await gate.verify(solved, for: occasion) == .failed)
    }

    @Test func nobodyChoosesThePuzzleInsteadOfTheProvider() async throws {
        let (own, foreign) = (try gate(.always), try gate(.always, turnstile(#"{"success":true}"#)))
        guard case .work(let puzzle) = own.form(for: occasion) else {
            Issue.record("no puzzle")
            return
        }
        let solved = ChallengeAnswer { ["challenge": puzzle.token, "challenge-solution": puzzle.solve()][$0] }
        #expect(await foreign.verify(solved, for: occasion) == .failed)
        #expect(await own.verify(solved, for: occasion) == .passed)
        #expect(await foreign.verify(typed, for: occasion) == .passed)
    }

    @Test func whoWasTooEarlyKeepsThePuzzle() async throws {
        let gate = try gate(.always)
        guard case .work(let puzzle) = gate.form(for: occasion) else {
            Issue.record("no puzzle")
            return
        }
        let unsolved = ChallengeAnswer { $0 == "challenge" ? puzzle.token : nil }
        let verdict = await gate.verify(unsolved, for: occasion)
        #expect(verdict == .tooEarly(.seconds(20)))
        #expect(gate.form(for: occasion, after: unsolved, verdict) == .work(puzzle))
        #expect(gate.form(for: occasion, after: unsolved, .failed) != .work(puzzle))
    }
}
