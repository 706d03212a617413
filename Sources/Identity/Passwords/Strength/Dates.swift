import Glibc

extension StrengthEstimate {
    /// The year that others are counted from; years around it are guessed first, and a few more make no difference.
    private static let present = 2026
    /// The fewest years that are guessed.
    private static let fewestYears = 20

    /// Dates with and without separators, and years.
    static func dates(in text: FoldedText) -> [Segment] {
        var segments: [Segment] = []
        for start in text.scalars.indices {
            for length in 4...10 where start + length <= text.count {
                let range = start..<(start + length)
                if let years = years(text.typed[range]) {
                    segments.append(Segment(range: range, kind: .date, guesses: log10(years)))
                }
            }
        }
        return segments
    }

    /// How many guesses a date takes; nil where there is none.
    private static func years(_ text: ArraySlice<UInt32>) -> Double? {
        let parts = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
        switch parts.count {
        case 1:
            guard let digits = digits(text) else { return nil }
            if text.count == 4, let year = year(digits, 4) { return distance(year) }
            return best(cuts(digits))
        case 3:
            guard text[parts[0].endIndex] == text[parts[1].endIndex], let first = digits(parts[0]),
                let second = digits(parts[1]), let third = digits(parts[2])
            else { return nil }
            return best([(first, second, third)]).map { $0 * 4 }
        default: return nil
        }
    }

    private static let separators = Set(" -/\\_.".unicodeScalars.map(\.value))

    private static func digits(_ text: ArraySlice<UInt32>) -> ArraySlice<UInt8>? {
        guard (1...8).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return ArraySlice(text.map { UInt8(truncatingIfNeeded: $0 - 0x30) })
    }

    private typealias Parts = (ArraySlice<UInt8>, ArraySlice<UInt8>, ArraySlice<UInt8>)

    /// The ways to cut a row of figures into three numbers.
    private static func cuts(_ digits: ArraySlice<UInt8>) -> [Parts] {
        var cuts: [Parts] = []
        for first in [1, 2, 4] {
            for second in [1, 2] where first + second < digits.count {
                let (one, rest) = (digits.prefix(first), digits.dropFirst(first))
                cuts.append((one, rest.prefix(second), rest.dropFirst(second)))
            }
        }
        return cuts
    }

    /// The cheapest date among the cuts: the year first or last, day and month in either order.
    private static func best(_ cuts: [Parts]) -> Double? {
        var best: Double?
        for (first, second, third) in cuts {
            for (year, one, other) in [(first, second, third), (third, first, second)] {
                guard let year = self.year(number(year), year.count), one.count <= 2, other.count <= 2,
                    isDayAndMonth(number(one), number(other)) || isDayAndMonth(number(other), number(one))
                else { continue }
                let guesses = distance(year) * 365
                best = min(best ?? guesses, guesses)
            }
        }
        return best
    }

    private static func isDayAndMonth(_ day: Int, _ month: Int) -> Bool {
        (1...31).contains(day) && (1...12).contains(month)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1) } }

    private static func year(_ digits: ArraySlice<UInt8>, _ count: Int) -> Int? { year(number(digits), count) }

    private static func year(_ number: Int, _ count: Int) -> Int? {
        switch count {
        case 4: (1900...2059).contains(number) ? number : nil
        case 2: number > 60 ? 1900 + number : 2000 + number
        default: nil
        }
    }

    private static func distance(_ year: Int) -> Double { Double(max(abs(year - present), fewestYears)) }
}
