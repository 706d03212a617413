/// Two pieces of work on one processor in turn, so that what disturbs the machine disturbs both.
///
/// Compared by processor time, since neither of them waits.
struct Duel {
    /// How often a second each is done.
    let own: Double
    let raw: Double
    /// What the raw work costs, as a share of what ours does.
    let ratio: Figure

    init(_ bench: Bench, own: () throws -> Void, raw: () throws -> Void) throws {
        func rate(_ work: () throws -> Void) throws -> Rate {
            try Rate.ofThisThread(seconds: bench.options.isQuick ? 0.05 : 0.2) {
                for _ in 0..<16 { try work() }
                return 16
            }
        }
        // Contexts are made once.
        _ = try (rate(own), rate(raw))
        var (owns, raws): ([Double], [Double]) = ([], [])
        for _ in 0..<(bench.options.isQuick ? 4 : 8) {
            owns.append(try rate(own).cost)
            raws.append(try rate(raw).cost)
        }
        self.own = 1 / Figure(owns, .seconds).median
        self.raw = 1 / Figure(raws, .seconds).median
        ratio = Figure(zip(raws, owns).map { $0 / $1 }, .ratio)
    }

    var explanation: String {
        "\(Format.value(own, .perSecond)); libcrypto alone \(Format.value(raw, .perSecond))"
    }
}
