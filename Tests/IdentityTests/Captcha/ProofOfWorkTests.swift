import JOSE
import MartletTesting
import OAuthTypes
import Testing

@testable import Identity

@Suite("Proof of work")
struct ProofOfWorkTests {
    private let clock = TestClock()
    private let occasion = ChallengeOccasion(
        .signIn, subject: "interaction-1", browser: "browser-1", origin: SignInOrigin(address: [192, 0, 2, 1]))

    private func work(_ key: UInt8 = 1) throws -> ProofOfWork {
        var cost = ProofOfWork.Cost()
        (cost.bits, cost.rounds) = (4, 3)
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: key, count: 32))))
        let work = ProofOfWork(masterKey, cost: cost, clock: clock, random: SystemRandom())
        // Given out after the start.
        clock.advance(by: .seconds(1))
        return work
    }

    private func puzzle(_ form: ChallengeForm) throws -> WorkPuzzle {
        guard case .work(let puzzle) = form else { throw NoPuzzle() }
        return puzzle
    }

    struct NoPuzzle: Error {}

    private func answer(_ puzzle: WorkPuzzle, _ solution: String?) -> ChallengeAnswer {
        ChallengeAnswer { ["challenge": puzzle.token, "challenge-solution": solution ?? ""][$0] }
    }

    @Test func aSolutionIsTakenOnce() async throws {
        let work = try work()
        let puzzle = try puzzle(work.form(for: occasion))
        let solved = answer(puzzle, puzzle.solve())
        #expect(await work.verify(solved, for: occasion) == .passed)
        #expect(await work.verify(solved, for: occasion) == .failed)
        let next = try self.puzzle(work.form(for: occasion))
        #expect(next.token != puzzle.token)
        #expect(await work.verify(answer(next, next.solve()), for: occasion) == .passed)
    }

    @Test func aSolutionOfAnotherOccasionIsRefused() async throws {
        let work = try work()
        let here = occasion.origin
        let others = [
            ChallengeOccasion(.signUp, subject: "interaction-1", browser: "browser-1", origin: here),
            ChallengeOccasion(.signIn, subject: "interaction-2", browser: "browser-1", origin: here),
            ChallengeOccasion(.signIn, subject: "interaction-1", browser: "browser-2", origin: here),
        ]
        let puzzle = try puzzle(work.form(for: occasion))
        let solved = answer(puzzle, puzzle.solve())
        for other in others { #expect(await work.verify(solved, for: other) == .failed) }
        #expect(try await self.work(2).verify(solved, for: occasion) == .failed)
        // What was refused elsewhere is not spent.
        #expect(await work.verify(solved, for: occasion) == .passed)
    }

    @Test func wrongSolutionsAndTokensAreRefused() async throws {
        let work = try work()
        let puzzle = try puzzle(work.form(for: occasion))
        let right = puzzle.solve()
        let numbers = right.split(separator: ".").map(String.init)
        let wrong = [
            "0.0.0.0", "1", numbers[0], numbers[0] + "." + numbers[1], right + ".", right + ".0", "+" + right,
            "x" + right,
            "0" + right, numbers.map { _ in "4294967296" }.joined(separator: "."), String(repeating: "9", count: 4000),
        ]
        for solution in wrong {
            #expect(await work.verify(answer(puzzle, solution), for: occasion) == .failed, "\(solution)")
        }
        for token in ["", "x", String(puzzle.token.dropLast()), puzzle.token + "A", "A" + puzzle.token.dropFirst()]
        where token != puzzle.token {
            let forged = ChallengeAnswer { ["challenge": token, "challenge-solution": right][$0] }
            #expect(await work.verify(forged, for: occasion) == .failed)
        }
        #expect(await work.verify(ChallengeAnswer { _ in nil }, for: occasion) == .failed)
        #expect(await work.verify(answer(puzzle, right), for: occasion) == .passed)
    }

    @Test func anOldPuzzleIsRefused() async throws {
        let work = try work()
        let (first, second) = (try puzzle(work.form(for: occasion)), try puzzle(work.form(for: occasion)))
        clock.advance(by: .seconds(899))
        #expect(await work.verify(answer(first, first.solve()), for: occasion) == .passed)
        clock.advance(by: .seconds(1))
        #expect(await work.verify(answer(second, second.solve()), for: occasion) == .failed)
    }

    @Test func aPuzzleFromBeforeTheStartIsRefused() async throws {
        let puzzle = try puzzle(work().form(for: occasion))
        let solved = answer(puzzle, puzzle.solve())
        clock.advance(by: .seconds(1))
        let restarted = try work()
        #expect(await restarted.verify(solved, for: occasion) == .failed)
        let next = try self.puzzle(restarted.form(for: occasion))
        #expect(await restarted.verify(answer(next, next.solve()), for: occasion) == .passed)
    }

    @Test func withoutScriptTheFormIsTakenAfterTheWait() async throws {
        let work = try work()
        let puzzle = try puzzle(work.form(for: occasion))
        let unsolved = answer(puzzle, nil)
        #expect(puzzle.waitSeconds == 20)
        #expect(await work.verify(unsolved, for: occasion) == .tooEarly(.seconds(20)))
        clock.advance(by: .seconds(19))
        #expect(await work.verify(unsolved, for: occasion) == .tooEarly(.seconds(1)))
        clock.advance(by: .seconds(1))
        #expect(await work.verify(unsolved, for: occasion) == .passed)
        #expect(await work.verify(unsolved, for: occasion) == .failed)
    }

    @Test func waitingIsLimitedForEachAddress() async throws {
        let work = try work()
        let puzzles = try (0..<8).map { _ in try puzzle(work.form(for: occasion)) }
        clock.advance(by: .seconds(30))
        var passed = 0
        for puzzle in puzzles where await work.verify(answer(puzzle, nil), for: occasion) == .passed { passed += 1 }
        #expect(passed == 6)
        let elsewhere = ChallengeOccasion(
            .signIn, subject: "interaction-1", browser: "browser-1", origin: SignInOrigin(address: [198, 51, 100, 1]))
        #expect(await work.verify(answer(puzzles[7], nil), for: elsewhere) == .passed)
        // Who works is not kept waiting.
        #expect(await work.verify(answer(puzzles[6], puzzles[6].solve()), for: occasion) == .passed)
    }

    @Test func spentPuzzlesTakeBoundedMemoryAndStaySpent() {
        let start = Timestamp(seconds: 1_000_000)
        let spent = SpentPuzzles(after: start, capacity: 100)
        let tokens = (1...1000).map { number in
            WorkToken(
                nonce: withUnsafeBytes(of: UInt64(number)) { Array($0) + Array($0) },
                issuedAt: start + .milliseconds(number), bits: 4, rounds: 3)
        }
        for token in tokens {
            #expect(spent.spend(token, at: start + .seconds(1), lifetime: .seconds(900)))
            #expect(spent.count <= 100)
        }
        #expect(!tokens.contains { spent.spend($0, at: start + .seconds(1), lifetime: .seconds(900)) })
    }
}
