import Glibc

extension StrengthEstimate {
    /// Pieces that come again at once: `aaaa`, `abcabc`, `passwordpassword`.
    ///
    /// Each is as hard as its unit, times how often it comes; the unit is judged by the pieces that were found in it.
    static func repeats(in text: FoldedText, _ segments: [Segment], steps: inout Int) -> [Segment] {
        var repeats: [Segment] = []
        for unit in stride(from: 1, through: text.count / 2, by: 1) {
            var start = 0
            while start + 2 * unit <= text.count {
                var end = start + unit
                while end < text.count, text.typed[end] == text.typed[end - unit] { end += 1 }
                steps += end - start
                let count = (end - start) / unit
                // A shorter unit has said so already, and the places further on are part of this run.
                if count >= 2, count > 2 || unit > 1, !isRepeat(text.typed[start..<(start + unit)]) {
                    let one = cheapest(start..<(start + unit), segments, steps: &steps)
                    repeats.append(
                        Segment(
                            range: start..<(start + count * unit), kind: .repeats, guesses: one + log10(Double(count))))
                }
                start = max(start + 1, end - unit + 1)
            }
        }
        return repeats
    }

    /// Whether a unit is itself a shorter one again and again.
    private static func isRepeat(_ unit: ArraySlice<UInt32>) -> Bool {
        (1..<max(1, unit.count)).contains { period in
            unit.count % period == 0
                && (unit.startIndex..<(unit.endIndex - period)).allSatisfy { unit[$0] == unit[$0 + period] }
        }
    }

    /// What the cheapest row of pieces takes that makes up a range.
    private static func cheapest(_ range: Range<Int>, _ segments: [Segment], steps: inout Int) -> Double {
        var best = (0...range.count).map(Double.init)
        let inside = segments.filter {
            range.lowerBound <= $0.range.lowerBound && $0.range.upperBound <= range.upperBound
        }
        let byEnd = Dictionary(grouping: inside, by: \.range.upperBound)
        for end in 1...range.count {
            best[end] = min(best[end], best[end - 1] + 1)
            for segment in byEnd[range.lowerBound + end] ?? [] {
                steps += 1
                let before = segment.range.lowerBound - range.lowerBound
                best[end] = min(best[end], best[before] + segment.beside(range.count))
            }
        }
        return best[range.count]
    }
}
