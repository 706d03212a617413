/// Twice the load that the server can carry: how much of its peak is left, and how soon it refuses the rest.
enum OverloadRow {
    /// Connections of the crowd: enough that the server never waits for one.
    private static let crowd = 5000
    /// How long a client of the crowd waits, in seconds.
    private static let patience = 1.0

    static func refresh(_ bench: Bench, _ report: inout RowReport) throws {
        try DescriptorLimit.raise(to: Self.crowd + 300)
        let preparation = try Preparation(bench, scope: Preparation.plainScope)
        let families = try preparation.families(bench.options.isQuick ? 2 * Self.crowd : 20_000).refreshTokens
        let (peak, crowd) = families.halves
        func work(_ families: TokenTable, _ connections: Int) throws -> RefreshWorkload {
            try RefreshWorkload(
                families, expectsIDToken: false, client: preparation.subject.application,
                port: preparation.subject.server.port, connections: connections)
        }
        try measure(
            bench, &report, peak: try work(peak, bench.options.connections), crowd: try work(crowd, Self.crowd))
    }

    static func clientCredentials(_ bench: Bench, _ report: inout RowReport) throws {
        try DescriptorLimit.raise(to: Self.crowd + 300)
        let subject = try bench.subject()
        let work = TokenRows.clientCredentialsWork(subject)
        try measure(bench, &report, peak: work, crowd: work)
    }

    private static func measure<Work: Workload>(
        _ bench: Bench, _ report: inout RowReport, peak: Work, crowd: Work
    ) throws {
        let server = try bench.subject().server
        var closed = try LoadGenerator(peak, port: server.port, connections: bench.options.connections)
        var open = try OpenLoad(crowd, port: server.port, connections: Self.crowd, patience: patience)
        _ = try closed.run(seconds: bench.warmUpSeconds)
        // The same for all three, so that none is measured at a better moment.
        let seconds = bench.options.isQuick ? 1.0 : 3
        var (peaks, ratios, others): ([Double], [Double], [Double]) = ([], [], [])
        var (once, twice) = (OpenResult(), OpenResult())
        for _ in 0..<bench.rounds {
            server.forgetLog()
            let before = ProcessorTime(of: server.process.id)
            let peak = try closed.run(seconds: seconds).perSecond
            once.add(try open.run(perSecond: peak, seconds: seconds))
            let overloaded = try open.run(perSecond: 2 * peak, seconds: seconds)
            others.append(ProcessorTime(of: server.process.id).shares(since: before).others)
            twice.add(overloaded)
            peaks.append(peak)
            ratios.append(overloaded.goodPerSecond / peak)
        }
        report.add(.server, Figure(peaks, .perSecond), "the peak, \(bench.options.connections) connections that wait")
        report.add(
            .ratio, Figure(ratios, .ratio), "good answers within \(Format.fixed(patience, 0)) s at twice the peak")
        report.add(
            .refusalLatency, Figure([twice.refusals.milliseconds(at: 0.99) / 1000], .seconds),
            twice.refusals.summary)
        report.notes += [
            note("at the peak", once), note("at twice the peak", twice),
            "refusals            from the moment at which they were sent: \(twice.refusalsFromSending.summary)",
            "latency             from the moment a request was due, \(Self.crowd) connections",
        ]
        report.others = Figure(others, .ratio).median
    }

    private static func note(_ name: String, _ result: OpenResult) -> String {
        Format.padded(name, to: 20)
            + "\(Format.value(result.goodPerSecond, .perSecond)) good (\(result.good.summary)), "
            + "\(Format.grouped(Double(result.refusals.count))) refused, \(Format.grouped(Double(result.late))) too late, "
            + "\(Format.grouped(Double(result.unsent))) never sent"
    }
}
