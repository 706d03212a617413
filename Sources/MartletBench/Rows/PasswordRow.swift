/// Sign-ins against Argon2id alone, while others ask for tokens and keys at a steady pace.
///
/// A hash fills two processors, so nothing is pinned here: the server has all of them, as it would in production.
enum PasswordRow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try SignInStage.run(bench, "password") { server, machine, application in
            try measure(bench, server, machine, application, &report)
        }
    }

    private static func measure(
        _ bench: Bench, _ server: TestedServer, _ machine: Installation.Client, _ application: Installation.Client,
        _ report: inout RowReport
    ) throws {
        let workers = server.installation.passwordWorkers
        let address = AuthorizationAddress(scope: Preparation.openIDScope, client: application)
        // Enough that a worker never waits for the next password.
        let work = SignInWorkload(address, port: server.port, connections: workers + 3)
        var load = try LoadGenerator(work, port: server.port, connections: workers + 3)
        let reference = try PasswordReference(
            database: server.installation.databasePath, email: Installation.email, password: Installation.password)
        _ = try load.run(seconds: bench.warmUpSeconds)

        var tokens = Latencies()
        var keys = Latencies()
        var (signIns, hashes): ([Double], [Double]) = ([], [])
        var others: [Double] = []
        let seconds = bench.options.isQuick ? 1.5 : 5
        for _ in 0..<(bench.options.isQuick ? 2 : 3) {
            let tokenProbe = try Probe(tokenRequest(machine, server), expecting: 200, perSecond: 100, port: server.port)
            let keyProbe = try Probe(
                RequestText.get("/jwks", port: server.port), expecting: 200, perSecond: 100, port: server.port)
            let before = ProcessorTime(of: server.process.id)
            let result = Result { try load.run(seconds: seconds) }
            others.append(ProcessorTime(of: server.process.id).shares(since: before).others)
            tokens.add(try tokenProbe.stop())
            keys.add(try keyProbe.stop())
            signIns.append(try result.get().perSecond)
            hashes.append(try reference.perSecond(workers: workers, seconds: seconds))
        }
        report.add(.server, Figure(signIns, .perSecond), "sign-ins, \(workers + 3) browsers, nothing pinned")
        report.add(.reference, Figure(hashes, .perSecond), "Argon2id alone, \(reference.cost), \(workers) at a time")
        report.add(.ratio, Figure(zip(signIns, hashes).map { $0 / $1 }, .ratio))
        report.add(.tokenLatency, Figure([tokens.milliseconds(at: 0.99) / 1000], .seconds), tokens.summary)
        report.add(.keySetLatency, Figure([keys.milliseconds(at: 0.99) / 1000], .seconds), keys.summary)
        report.notes.append("latency             from the moment a request was due, 100/s of each kind")
        report.others = Figure(others, .ratio).median
    }

    private static func tokenRequest(_ machine: Installation.Client, _ server: TestedServer) -> [UInt8] {
        RequestText.post(
            "/token", form: Form.encode([("grant_type", "client_credentials")]), port: server.port, [machine.proof])
    }
}
