import JOSE

/// A puzzle of work: for each round a number whose SHA-256 with the puzzle's text begins with so many zero bits.
///
/// Several small rounds instead of one, so that bad luck is rarer: sixteen rounds of 14 bits take a quarter of a million
/// hashes, hardly ever twice as many.
public struct WorkPuzzle: Sendable, Equatable {
    /// What the form carries: everything about the puzzle, under a code of ours.
    public let token: String
    /// What is hashed: this, a dot, the round from 0, a dot, the number, all in ASCII.
    public let text: String
    /// Zero bits that a hash begins with.
    public let bits: Int
    /// How many numbers are wanted.
    public let rounds: Int
    /// Seconds after which the form is taken without a solution, for browsers without script.
    public let waitSeconds: Int

    /// Whether numbers, decimal with dots between, are a solution.
    func isSolved(by solution: String) -> Bool {
        guard solution.utf8.count <= rounds * 11 else { return false }
        let numbers = solution.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == rounds else { return false }
        return numbers.enumerated().allSatisfy { round, number in
            guard let value = UInt32(number), String(value) == number else { return false }
            return WorkPuzzle.zeroBits(SHA256.digest(of: "\(text).\(round).\(value)").bytes) >= bits
        }
    }

    static func zeroBits(_ digest: [UInt8]) -> Int {
        let zeros = digest.prefix { $0 == 0 }.count
        return zeros * 8 + (zeros < digest.count ? digest[zeros].leadingZeroBitCount : 0)
    }

    /// Solves it, as a page's script does: what tests and programs of the operator need.
    package func solve() -> String {
        (0..<rounds).map { round in
            var number: UInt32 = 0
            while WorkPuzzle.zeroBits(SHA256.digest(of: "\(text).\(round).\(number)").bytes) < bits { number &+= 1 }
            return "\(number)"
        }.joined(separator: ".")
    }
}
