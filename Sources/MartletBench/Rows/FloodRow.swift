/// A flood of password sign-ins, many times what can be hashed, while others ask for tokens and keys at a steady pace.
///
/// Nothing is pinned but the flood's source: a hash fills two processors, as it would in production.
enum FloodRow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try SignInStage.run(bench, "flood") { server, machine, application in
            try measure(bench, server, machine, application, &report)
        }
    }

    private static func measure(
        _ bench: Bench, _ server: TestedServer, _ machine: Installation.Client, _ application: Installation.Client,
        _ report: inout RowReport
    ) throws {
        let browsers = bench.options.connections * 4
        let address = AuthorizationAddress(scope: Preparation.openIDScope, client: application)
        let work = SignInFloodWorkload(address, port: server.port, connections: browsers)
        var load = try LoadGenerator(work, port: server.port, connections: browsers)
        let form = Form.encode([("grant_type", "client_credentials")])
        let tokenRequest = RequestText.post("/token", form: form, port: server.port, [machine.proof])
        let keyRequest = RequestText.get("/jwks", port: server.port)
        var (tokens, keys) = (Latencies(), Latencies())
        let seconds = bench.options.isQuick ? 3.0 : 10
        let tokenProbe = try Probe(tokenRequest, expecting: 200, perSecond: 100, port: server.port)
        let keyProbe = try Probe(keyRequest, expecting: 200, perSecond: 100, port: server.port)
        let before = ProcessorTime(of: server.process.id)
        let result = Result { try load.run(seconds: seconds) }
        report.others = ProcessorTime(of: server.process.id).shares(since: before).others
        tokens.add(try tokenProbe.stop())
        keys.add(try keyProbe.stop())
        let rate = try result.get().perSecond
        let (signedIn, busy) = load.withWork { ($0.signedIn, $0.busy) }
        guard busy > 0 else { throw BenchFailure("no sign-in was refused: this was no flood") }
        report.add(
            .server, Figure([Double(signedIn) / seconds], .perSecond),
            "sign-ins; \(browsers) browsers that do not wait after a refusal, \(Format.value(rate, .perSecond)) posts in all"
        )
        report.add(.tokenLatency, Figure([tokens.milliseconds(at: 0.99) / 1000], .seconds), tokens.summary)
        report.add(.keySetLatency, Figure([keys.milliseconds(at: 0.99) / 1000], .seconds), keys.summary)
        report.notes += [
            "refused             \(Format.grouped(Double(busy))) sign-ins, each with Retry-After",
            "latency             from the moment a request was due, 100/s of each kind",
        ]
    }
}
