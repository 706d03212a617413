/// The token endpoint on PostgreSQL against `pgbench` with the same statements, and what a request costs the database.
///
/// Nothing is pinned: server, load and PostgreSQL share the processors, as `pgbench` and PostgreSQL do.
struct PostgreSQLRows {
    static func code(_ bench: Bench, _ report: inout RowReport) throws { try run(bench, .redemption, true, &report) }

    static func refresh(_ bench: Bench, _ report: inout RowReport) throws { try run(bench, .refresh, false, &report) }

    private let bench: Bench
    private let request: PgBench.Request
    private let spends: Bool
    private let plan: SeedPlan
    private let server: TestedServer
    private let connection: PostgreSQLConnection
    private let reference: PgBench
    private let ours: Range<Int>

    private static func run(
        _ bench: Bench, _ request: PgBench.Request, _ spends: Bool, _ report: inout RowReport
    ) throws {
        try bench.processors.onAllCores {
            let rows = try PostgreSQLRows(bench, request, spends)
            defer { rows.server.stop() }
            if spends { try rows.measureRedemption(&report) } else { try rows.measureRefresh(&report) }
            report.notes.append("cluster             " + (try bench.cluster().description))
        }
    }

    private init(_ bench: Bench, _ request: PgBench.Request, _ spends: Bool) throws {
        self.bench = bench
        self.request = request
        self.spends = spends
        let families = bench.options.isQuick ? 240_000 : 1_200_000
        var plan = SeedPlan(people: families / 6, families: families)
        plan.clients = 1
        plan.codes = families
        plan.expired = 0
        self.plan = plan
        ours = 0..<families / 6
        let database = try bench.cluster().makeDatabase(spends ? "code" : "refresh")
        guard case .postgresql(let location) = database else { throw BenchFailure("no PostgreSQL") }
        let installation = try Installation(
            program: bench.program, folder: bench.folder, name: "postgresql", templates: bench.options.templates,
            database: database)
        try installation.seed(plan)
        connection = try PostgreSQLConnection(location)
        server = try TestedServer(installation)
        reference = PgBench(
            location: location, program: try PostgreSQLCluster.programs(bench.folder) + "/pgbench",
            folder: bench.folder,
            clients: bench.options.connections, now: plan.now + 60_000_000)
    }

    private func measureRefresh(_ report: inout RowReport) throws {
        let work = try FamilyWorkload(
            plan, ours, tokens: SeededTokens(server.installation.masterKey), port: server.port,
            connections: bench.options.connections)
        var load = try LoadGenerator(work, port: server.port, connections: bench.options.connections)
        try measure(&report) { try load.run(seconds: $0) }
    }

    private func measureRedemption(_ report: inout RowReport) throws {
        var codes = TokenTable()
        for number in ours {
            let isLike = Array(SeedNames.code(Walk(ours)[number].number).utf8).withUnsafeBytes { codes.append($0) }
            guard isLike else { throw BenchFailure("codes of several lengths") }
        }
        let work = try RedeemWorkload(
            codes, expectsIDToken: false, client: SeedNames.client(0), port: server.port,
            connections: bench.options.connections)
        var load = try LoadGenerator(work, port: server.port, connections: bench.options.connections)
        try measure(&report) { seconds in
            let result = try load.run(seconds: seconds)
            guard load.work.hasMore else { throw BenchFailure("fewer codes than the server redeems") }
            return result
        }
    }

    private func measure(_ report: inout RowReport, _ load: (Double) throws -> LoadResult) throws {
        // pgbench counts the time that its connections take to what it was given.
        let seconds = bench.options.isQuick ? 2 : 3
        _ = try load(bench.warmUpSeconds)
        let slice = (plan.families - ours.count) / (2 * bench.rounds)
        var first = ours.upperBound
        func perSecond(_ request: PgBench.Request, _ seconds: Int) throws -> Double {
            defer { first += slice }
            return try reference.perSecond(request, over: first..<first + slice, seconds: seconds, once: spends)
        }
        var (rates, references, updates): ([Double], [Double], [Double]) = ([], [], [])
        var latencies = Latencies()
        for _ in 0..<bench.rounds {
            server.forgetLog()
            let result = try load(Double(seconds))
            rates.append(result.perSecond)
            latencies.add(result.latencies)
            references.append(try perSecond(request, seconds))
            updates.append(try perSecond(request.update, 2))
        }
        let clients = bench.options.connections
        report.add(
            .server, Figure(rates, .perSecond),
            "\(clients) connections, \(Format.grouped(Double(plan.families))) families")
        report.add(
            .reference, Figure(references, .perSecond),
            "pgbench -M prepared -c \(clients), \(request.statements.count) statements a request, as the server's")
        report.add(.ratio, Figure(zip(rates, references).map { $0 / $1 }, .ratio))
        report.add(
            .updateRatio, Figure(zip(rates, updates).map { $0 / $1 }, .ratio),
            "pgbench with the update alone: \(Figure(updates, .perSecond).textWithSpread)")
        report.notes.append("latency             \(latencies.summary)")
        report.notes += try costs(load)
    }

    /// What PostgreSQL itself counted over one more stretch of load.
    private func costs(_ load: (Double) throws -> LoadResult) throws -> [String] {
        let hasStatements =
            (try? connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")) != nil
            && (try? connection.number("SELECT count(*) FROM pg_stat_statements")) != nil
        Monotonic.sleep(seconds: PostgreSQLRows.statisticsDelay)
        if hasStatements { try connection.execute("SELECT pg_stat_statements_reset()") }
        let before = try counters()
        let result = try load(bench.options.isQuick ? 1 : 3)
        Monotonic.sleep(seconds: PostgreSQLRows.statisticsDelay)
        let after = try counters()
        // Answers that came after the end are not counted, the work for them is: at most one a connection.
        let requests = Double(max(1, result.answers))
        func each(_ index: Int) -> String { Format.fixed(Double(after[index] - before[index]) / requests, 3) }
        var notes = [
            "fsyncs              \(each(0)) a request (pg_stat_wal.wal_sync, all of the cluster)",
            "transactions        \(each(1)) a request (pg_stat_database, reads included)",
        ]
        guard hasStatements else { return notes + ["statements          pg_stat_statements is not there"] }
        let shown = try connection.rows(
            "SELECT query, calls FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = "
                + "current_database()) AND query NOT LIKE '%pg_stat%' ORDER BY calls DESC")
        let calls = shown.reduce(0.0) { $0 + (Double($1[1] ?? "") ?? 0) }
        notes.append(
            "statements          \(Format.fixed(calls / requests, 3)) a request (pg_stat_statements, BEGIN and all)")
        for statement in request.statements where !shown.contains(where: { statement.isSame(as: $0[0] ?? "") }) {
            throw BenchFailure("the server no longer runs what pgbench runs: \(statement.text)")
        }
        return notes
    }

    /// How long a session that has nothing to do may keep its counts to itself (PostgreSQL 15).
    private static let statisticsDelay = 11.0

    private func counters() throws -> [Int] {
        [
            try connection.number("SELECT wal_sync FROM pg_stat_wal"),
            try connection.number("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"),
        ]
    }
}
