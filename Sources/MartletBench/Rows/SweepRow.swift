/// How long a refresh waits while a million expired rows leave, asked at a steady pace before and meanwhile.
enum SweepRow {
    /// Refreshes a second: far below what the server can do, so that a delay is the sweeping's.
    private static let pace = 100

    static func sqlite(_ bench: Bench, _ report: inout RowReport) throws { try run(bench, .sqlite, &report) }

    static func postgresql(_ bench: Bench, _ report: inout RowReport) throws { try run(bench, .postgresql, &report) }

    private static func run(_ bench: Bench, _ kind: DatabaseKind, _ report: inout RowReport) throws {
        var plan = SeedPlan(people: 40_000, families: 200_000)
        plan.expired = bench.options.isQuick ? 20_000 : 1_000_000
        let name = "sweep"
        try bench.processors.onAllCores {
            let database = kind == .sqlite ? nil : try bench.cluster().makeDatabase(name)
            let installation = try Installation(
                program: bench.program, folder: bench.folder, name: name, templates: bench.options.templates,
                database: database)
            try installation.seed(plan)
            let server = try TestedServer(installation)
            defer { server.stop() }
            try measure(bench, plan, server, &report)
        }
    }

    private static func measure(
        _ bench: Bench, _ plan: SeedPlan, _ server: TestedServer, _ report: inout RowReport
    ) throws {
        let start = Monotonic.now
        let half = plan.families / 2
        // A new server settles down for a minute before it sweeps.
        let quiet = try probe(plan, server, from: 0)
        Monotonic.sleep(until: start + 45_000_000_000)
        let before = try quiet.stop()
        guard try expired(plan, server) else { throw BenchFailure("rows left before their time was measured") }

        let busy = try probe(plan, server, from: half)
        let limit = Monotonic.after(seconds: 900)
        var lastSeen = Monotonic.now
        do {
            while try expired(plan, server) {
                guard Monotonic.now < limit else { throw BenchFailure("expired rows do not leave") }
                lastSeen = Monotonic.now
                Monotonic.sleep(seconds: 1)
            }
        } catch {
            _ = try? busy.stop()
            throw error
        }
        let during = try busy.stop()
        report.add(
            .delay, Figure([Double(during.longest) / 1e9], .seconds),
            "of a refresh while \(Format.grouped(Double(plan.expired))) rows leave, \(pace)/s")
        report.notes += [
            "meanwhile           \(during.summary), \(during.count) refreshes",
            "before              \(before.summary), \(before.count) refreshes",
            // Sixty seconds after its start it begins.
            "sweeping            \(Format.fixed(max(0, Double(lastSeen - start) / 1e9 - 60), 0)) s for all of them",
        ]
    }

    /// Whether any row that has expired is left; grants go last and are most of them.
    private static func expired(_ plan: SeedPlan, _ server: TestedServer) throws -> Bool {
        try ["grants", "sessions", "codes"].contains { table in
            try DatabaseLook.number(
                "SELECT count(*) FROM (SELECT 1 FROM \(table) WHERE expires_at <= \(plan.now) LIMIT 1) AS rest",
                in: server.installation.database) > 0
        }
    }

    private static func probe(_ plan: SeedPlan, _ server: TestedServer, from first: Int) throws -> Probe {
        let tokens = SeededTokens(server.installation.masterKey)
        let walk = Walk(first..<first + plan.families / 2)
        let port = server.port
        let clients = (0..<plan.clients).map(SeedNames.client)
        return try Probe(expecting: 200, perSecond: pace, port: port) { place in
            let (number, round) = walk[place]
            return FamilyWorkload.request(
                tokens.token(number, generation: round), of: clients[plan.client(ofGrant: number)], port: port)
        }
    }
}
