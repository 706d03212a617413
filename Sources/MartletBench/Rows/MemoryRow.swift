/// Resident memory of a fresh server: idle, with a thousand idle connections, and after one load and another.
enum MemoryRow {
    private static let idleConnections = 1000

    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        let installation = try Installation(
            program: bench.program, folder: bench.folder, name: "memory", templates: bench.options.templates)
        let machine = try installation.addMachine()
        try bench.processors.onServerCore { try TestedServer(installation) }.stop()

        let server = try bench.processors.onServerCore { try TestedServer(installation) }
        defer { server.stop() }
        Monotonic.sleep(seconds: bench.options.isQuick ? 0.5 : 2)
        let idle = try server.memory()
        report.add(
            .idle, Figure([idle.resident], .bytes),
            "\(Format.bytes(idle.anonymous)) its own, the rest pages of files (program, libraries)")

        let request = RequestText.get("/jwks", port: server.port)
        let connections = try (0..<idleConnections).map { _ in
            let connection = try Conversation(port: server.port)
            guard try connection.ask(request).status == 200 else { throw BenchFailure("a wrong answer") }
            return connection
        }
        Monotonic.sleep(seconds: 0.3)
        let crowded = try server.memory()
        withExtendedLifetime(connections) {}
        report.add(
            .perConnection, Figure([(crowded.resident - idle.resident) / Double(idleConnections)], .bytes),
            "\(idleConnections) idle connections, each after one request: \(Format.bytes(crowded.resident))")
        try growth(bench, server, machine, &report)
    }

    private static func growth(
        _ bench: Bench, _ server: TestedServer, _ machine: Installation.Client, _ report: inout RowReport
    ) throws {
        let form = Form.encode([("grant_type", "client_credentials")])
        let work = FixedWorkload(
            [RequestText.post("/token", form: form, port: server.port, [machine.proof])],
            expecting: .begins(status: 200, body: Array("{\"access_token\":\"ey".utf8)))
        let seconds = bench.options.isQuick ? 0.4 : 3
        var sizes: [Double] = []
        var answers = 0
        for _ in 0..<4 {
            var load = try LoadGenerator(work, port: server.port, connections: bench.options.connections)
            answers += try load.run(seconds: seconds).answers
            sizes.append(try server.memory().resident)
            server.forgetLog()
        }
        // The first load fills caches and buffers that stay.
        report.add(
            .growth, Figure([(sizes.last ?? 0) - (sizes.first ?? 0)], .bytes),
            "from the first to the last of four loads, \(Format.grouped(Double(answers))) tokens: "
                + sizes.map(Format.bytes).joined(separator: ", "))
    }
}
