import Glibc

/// A piece of a password, as somebody who guesses would put it together.
struct Segment: Sendable, Equatable {
    /// What the piece is.
    enum Kind: Sendable, Equatable {
        case chance
        case word(WordList.Kind, rank: Int)
        case ownWord
        case repeats
        case sequence
        case keyboard
        case date
    }

    /// What was done to a word.
    struct Disguise: OptionSet, Sendable {
        let rawValue: UInt8
        static let capitals = Disguise(rawValue: 1)
        static let substitutions = Disguise(rawValue: 2)
        static let reversal = Disguise(rawValue: 4)
    }

    let range: Range<Int>
    let kind: Kind
    /// How many guesses the piece takes by itself, as a decimal logarithm.
    let guesses: Double
    var disguise: Disguise = []

    /// A piece without a pattern: ten guesses a character, which is less than chance and more than habit.
    static func chance(_ range: Range<Int>) -> Segment {
        // Just above a pattern of the same length, so that the pattern is preferred.
        Segment(range: range, kind: .chance, guesses: range.count == 1 ? log10(11) : Double(range.count))
    }

    /// Whoever guesses pieces tries many of each kind: a piece beside others is never free.
    func beside(_ length: Int) -> Double {
        guard range.count < length else { return guesses }
        return max(guesses, range.count == 1 ? 1 : log10(50))
    }
}

/// Sums over what was done to letters, in decimal logarithms.
enum Variations {
    /// How many ways there are to choose from one to all of the fewer of two kinds among both.
    static func choices(_ some: Int, _ others: Int) -> Double {
        var sum = 0.0
        for count in stride(from: 1, through: min(some, others), by: 1) { sum += binomial(some + others, count) }
        return log10(max(sum, 1))
    }

    static func binomial(_ all: Int, _ chosen: Int) -> Double {
        guard chosen <= all else { return 0 }
        var product = 1.0
        for step in stride(from: 1, through: chosen, by: 1) { product *= Double(all - chosen + step) / Double(step) }
        return product
    }

    /// How much capitals add: habit puts them first, last or everywhere.
    static func capitals(_ capitals: ArraySlice<Bool>) -> Double {
        let count = capitals.count(where: { $0 })
        if count == 0 { return 0 }
        if count == capitals.count || (count == 1 && (capitals.first == true || capitals.last == true)) {
            return log10(2)
        }
        return choices(count, capitals.count - count)
    }
}
