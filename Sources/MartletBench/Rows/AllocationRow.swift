/// What one request takes from the heap and from the processor, one request at a time.
///
/// Time depends on the machine, the number of pieces hardly: so those have limits that hold everywhere. What the server
/// does besides, twice a second, comes into some rounds and not into others: the round with the least counts.
enum AllocationRow {
    private static let requests = 10
    private static let warmUp = 200

    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        guard let library = bench.options.allocationCounter else {
            throw BenchFailure("name the library that counts with --allocation-counter; `sh deploy/test.sh` makes it")
        }
        let counts = try AllocationCounts(library: library, folder: bench.folder)
        let subject = try bench.makeSubject(named: "allocations", counts.environment)
        defer { subject.server.stop() }
        guard try counts.now().pieces > 0 else { throw BenchFailure("\(library) counts nothing") }
        let measurement = Measurement(bench: bench, subject: subject, counts: counts)
        try measurement.published(&report)
        try measurement.tokens(&report)
        report.notes += report.metrics.compactMap { metric in
            report.budget(of: metric)?.slack(of: metric.figure.median).map { limit in
                "\(metric.name.rawValue): far below its limit, which can be lowered to \(Format.fixed(limit, 0))"
            }
        }
    }

    private struct Measurement {
        let bench: Bench
        let subject: Bench.Subject
        let counts: AllocationCounts

        private var port: UInt16 { subject.server.port }
        private var rounds: Int { bench.options.isQuick ? 30 : 60 }

        /// What anybody may ask for.
        func published(_ report: inout RowReport) throws {
            try measure("health", .health, .healthTime, fixed(RequestText.get("/health", port: port)), &report)
            try measure("key set", .keySet, .keySetTime, fixed(RequestText.get("/jwks", port: port)), &report)
        }

        /// Tokens, and what they are for.
        func tokens(_ report: inout RowReport) throws {
            let form = Form.encode([("grant_type", "client_credentials"), ("scope", Installation.machineScope)])
            let machine = RequestText.post("/token", form: form, port: port, [subject.machine.proof])
            try measure("client_credentials", .machineToken, .machineTokenTime, fixed(machine), &report)

            let preparation = try Preparation(bench, scope: Preparation.openIDScope, subject: subject)
            let codes = try preparation.codes(AllocationRow.warmUp + rounds * AllocationRow.requests)
            let redemption = try RedeemWorkload(
                codes, expectsIDToken: true, client: subject.application, port: port, connections: 1)
            try measure("code", .codeToken, .codeTokenTime, redemption, &report)

            let families = try preparation.families(100)
            let refresh = try RefreshWorkload(
                families.refreshTokens, expectsIDToken: true, client: subject.application, port: port, connections: 1)
            try measure("refresh", .refreshToken, .refreshTokenTime, refresh, &report)

            let bearer = "Authorization: Bearer \(families.accessTokens.text(0))"
            let person = RequestText.get("/userinfo", port: port, [bearer])
            try measure("UserInfo", .userInfo, .userInfoTime, fixed(person), &report)
        }

        private func fixed(_ request: [UInt8]) -> FixedWorkload {
            FixedWorkload([request], expecting: .begins(status: 200, body: Array("{".utf8)))
        }

        private func measure(
            _ what: String, _ pieces: MetricName, _ time: MetricName, _ work: some Workload,
            _ report: inout RowReport
        ) throws {
            var load = try LoadGenerator(BatchWorkload(work), port: port, connections: 1)
            load.withWork { $0.remaining = AllocationRow.warmUp }
            _ = try load.runToEnd()
            var sums: [AllocationCounts.Sum] = []
            let before = ProcessorTime(of: subject.server.process.id)
            for _ in 0..<rounds {
                load.withWork { $0.remaining = AllocationRow.requests }
                let start = try counts.now()
                guard try load.runToEnd().answers == AllocationRow.requests else {
                    throw BenchFailure("\(what): fewer answers than requests")
                }
                let end = try counts.now()
                sums.append(.init(pieces: end.pieces - start.pieces, bytes: end.bytes - start.bytes))
            }
            let after = ProcessorTime(of: subject.server.process.id)
            let requests = Double(AllocationRow.requests)
            guard let least = sums.min(by: { $0.pieces < $1.pieces }) else { throw BenchFailure("no rounds") }
            let most = sums.map(\.pieces).max() ?? least.pieces
            report.add(
                pieces, Figure([Double(least.pieces) / requests], .pieces),
                "\(Format.bytes(Double(least.bytes) / requests)); up to \(Format.fixed(Double(most) / requests, 1))")
            let microseconds = (after.server - before.server) * 1e6 / (requests * Double(rounds))
            report.add(time, Figure([microseconds], .microseconds))
        }
    }
}
