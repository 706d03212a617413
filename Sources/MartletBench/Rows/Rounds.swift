/// Server and reference in turn, so that what disturbs the machine disturbs both.
struct Rounds {
    private(set) var server: [Double] = []
    private(set) var reference: [Double] = []
    private var latencies = Latencies()
    /// Seconds of processor time that the server took for an answer.
    private var costs: [Double] = []
    private var shares: [ProcessorTime.Shares] = []
    private var reconnects = 0

    /// Runs all rounds; `prepare` comes before each, unmeasured.
    init(
        _ bench: Bench, of server: TestedServer, prepare: () throws -> Void = {},
        reference measureReference: () throws -> Double, load: () throws -> LoadResult
    ) throws {
        for _ in 0..<bench.rounds {
            try prepare()
            server.forgetLog()
            let before = ProcessorTime(of: server.process.id)
            let result = try load()
            let after = ProcessorTime(of: server.process.id)
            guard result.answers > 0 else { throw BenchFailure("no answers") }
            shares.append(after.shares(since: before))
            costs.append((after.server - before.server) / Double(result.answers))
            self.server.append(result.perSecond)
            latencies.add(result.latencies)
            reconnects += result.reconnects
            reference.append(try measureReference())
        }
    }

    /// The ratio of each round.
    var ratios: [Double] { zip(server, reference).map { $0 / $1 } }

    /// How busy the processors were, and how long answers took.
    var notes: [String] {
        func median(_ path: KeyPath<ProcessorTime.Shares, Double>) -> Double {
            Figure(shares.map { $0[keyPath: path] }, .ratio).median
        }
        var notes = [
            "cost                \(Format.fixed(Figure(costs, .seconds).median * 1e6, 1)) µs of processor time an answer, "
                + "which allows \(Format.value(1 / Figure(costs, .seconds).median, .perSecond)) on one core",
            "latency             \(latencies.summary)",
            "processors          server \(Format.percent(median(\.server))), load \(Format.percent(median(\.load))), "
                + "other programs \(Format.percent(median(\.others))) of one",
        ]
        if median(\.others) > 0.1 { notes.append("NOISY: other programs used the processors meanwhile") }
        if reconnects > 0 { notes.append("the server closed \(reconnects) connections between answers") }
        return notes
    }

    func write(to report: inout RowReport, _ serverExplanation: String, _ referenceExplanation: String) {
        report.add(.server, Figure(server, .perSecond), serverExplanation)
        report.add(.reference, Figure(reference, .perSecond), referenceExplanation)
        report.add(.ratio, Figure(ratios, .ratio))
        report.notes += notes
    }
}
