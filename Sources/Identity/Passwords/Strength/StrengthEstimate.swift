import Glibc

/// How many guesses a password takes: the cheapest way to put it together from pieces that people use.
///
/// The model is that of zxcvbn (Wheeler, USENIX Security 2016): words by their rank, also disguised; walks over the
/// keyboard; repeats, sequences, dates; chance for what is left. Pieces are multiplied, and the order of so many kinds of
/// pieces costs too. No more than `limit` characters are looked at: what comes after them can only add.
struct StrengthEstimate: Sendable {
    /// Characters that are looked at.
    static let limit = 100
    /// Pieces of a password that are told apart; beyond that chance is no dearer.
    private static let pieceLimit = 12

    /// How many guesses, as a decimal logarithm.
    let guesses: Double
    /// The pieces that make it so cheap, in their order.
    let pieces: [Segment]
    /// What was looked at, as a measure of the work.
    let steps: Int

    /// 0 to 4, by powers of ten: 3 (guessed through a form), 6, 8, 10 (out of reach of one who has the hash).
    var score: Int { [3.0, 6, 8, 10].count { guesses >= $0 } }

    init(_ scalars: some Sequence<Unicode.Scalar>, words: WordList, own: [FoldedText]) {
        let text = FoldedText(scalars.prefix(StrengthEstimate.limit))
        var steps = 0
        var segments = StrengthEstimate.words(in: text, words, own: own, steps: &steps)
        for keyboard in Keyboard.all { segments += keyboard.walks(in: text) }
        segments += StrengthEstimate.sequences(in: text)
        segments += StrengthEstimate.dates(in: text)
        segments += StrengthEstimate.repeats(in: text, segments, steps: &steps)
        (guesses, pieces) = StrengthEstimate.cheapest(text.count, segments, steps: &steps)
        self.steps = steps
    }

    /// The best row of pieces that ends at a place and has so many pieces.
    private struct Row {
        var product: Double
        var last: Segment?
    }

    /// The cheapest row of pieces over the whole text.
    private static func cheapest(
        _ length: Int, _ segments: [Segment], steps: inout Int
    ) -> (guesses: Double, pieces: [Segment]) {
        guard length > 0 else { return (0, []) }
        let none = Row(product: .infinity, last: nil)
        var rows = Array(repeating: Array(repeating: none, count: pieceLimit + 1), count: length + 1)
        rows[0][0].product = 0
        let byEnd = Dictionary(grouping: segments, by: \.range.upperBound)
        for end in 1...length {
            let chance = (0..<end).map { Segment.chance($0..<end) }
            for segment in (byEnd[end] ?? []) + chance {
                let own = segment.beside(length)
                for count in 1...pieceLimit {
                    steps += 1
                    let before = rows[segment.range.lowerBound][count - 1]
                    // Two pieces of chance beside each other are one.
                    if segment.kind == .chance, before.last?.kind == .chance { continue }
                    let product = before.product + own
                    if product < rows[end][count].product { rows[end][count] = Row(product: product, last: segment) }
                }
            }
        }
        var (best, bestCount) = (Double.infinity, 0)
        for count in 1...pieceLimit where rows[length][count].product < .infinity {
            let guesses = total(rows[length][count].product, count)
            if guesses < best { (best, bestCount) = (guesses, count) }
        }
        var (pieces, end): ([Segment], Int) = ([], length)
        for count in stride(from: bestCount, to: 0, by: -1) {
            guard let piece = rows[end][count].last else { break }
            pieces.append(piece)
            end = piece.range.lowerBound
        }
        return (best, pieces.reversed())
    }

    /// What so many pieces take: in every order, after all that have fewer pieces of the common kinds.
    private static func total(_ product: Double, _ count: Int) -> Double {
        let orders = stride(from: 2, through: count, by: 1).reduce(0.0) { $0 + log10(Double($1)) }
        let (one, other) = (product + orders, Double(4 * (count - 1)))
        // The logarithm of the sum of both.
        return max(one, other) + log10(1 + pow(10, -abs(one - other)))
    }
}
