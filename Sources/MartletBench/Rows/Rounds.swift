/// Server and reference in turn, so that what disturbs the machine disturbs both.
struct Rounds {
    private(set) var server: [Double] = []
    private(set) var reference: [Double] = []
    private var latencies = Latencies()
    /// Seconds of processor time that the server took for an answer.
    private var costs: [Double] = []
    private var referenceCosts: [Double] = []
    private var shares: [ProcessorTime.Shares] = []
    private var reconnects = 0

    /// Runs all rounds; `prepare` comes before each, unmeasured.
    init(
        _ bench: Bench, of server: TestedServer, prepare: () throws -> Void = {},
        reference measureReference: () throws -> Rate, load: () throws -> LoadResult
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
            let rate = try measureReference()
            reference.append(rate.perSecond)
            referenceCosts.append(rate.cost)
        }
    }

    /// The ratio of each round.
    var ratios: [Double] { zip(server, reference).map { $0 / $1 } }

    /// Seconds of processor time for an answer.
    var serverCost: Figure { Figure(costs, .seconds) }

    /// Seconds of processor time for what the reference does.
    var referenceCost: Figure { Figure(referenceCosts, .seconds) }

    /// How busy the processors were, and how long answers took.
    private var notes: [String] {
        var notes = [
            "cost                \(Format.fixed(serverCost.median * 1e6, 1)) µs of processor time an answer, "
                + "\(Format.fixed(referenceCost.median * 1e6, 1)) µs for the reference; it allows \(Format.value(1 / serverCost.median, .perSecond)) on one core",
            "latency             \(latencies.summary)",
            "processors          server \(Format.percent(median(\.server))), load \(Format.percent(median(\.load))), "
                + "other programs \(Format.percent(median(\.others))) of one",
        ]
        if reconnects > 0 { notes.append("the server closed \(reconnects) connections between answers") }
        return notes
    }

    private func median(_ path: KeyPath<ProcessorTime.Shares, Double>) -> Double {
        Figure(shares.map { $0[keyPath: path] }, .ratio).median
    }

    func write(to report: inout RowReport, _ serverExplanation: String, _ referenceExplanation: String) {
        report.add(.server, Figure(server, .perSecond), serverExplanation)
        report.add(.reference, Figure(reference, .perSecond), referenceExplanation)
        report.add(.ratio, Figure(ratios, .ratio))
        report.add(
            .costRatio, Figure(zip(referenceCosts, costs).map { $0 / $1 }, .ratio),
            "by processor time, which other programs hardly change")
        report.others = median(\.others)
        report.notes += notes
    }
}
