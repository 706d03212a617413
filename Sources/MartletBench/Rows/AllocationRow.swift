/// What one request takes from the heap and from the processor, one request at a time.
///
/// Time depends on the machine, the number of pieces hardly: so those have limits that hold everywhere. What the server
/// does besides, twice a second, is taken off as it is in an idle server; it comes into some rounds and not into others,
/// so the round with the least counts.
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
        let measurement = try Measurement(bench, subject, counts)
        try measurement.published(&report)
        try measurement.tokens(&report)
        report.notes += report.metrics.compactMap { metric in
            report.budget(of: metric)?.slack(of: metric.figure.median).map { limit in
                "\(metric.name.rawValue): far below its limit, which can be lowered to \(Format.fixed(limit, 1))"
            }
        }
    }

    private struct Measurement {
        let bench: Bench
        let subject: Bench.Subject
        let counts: AllocationCounts
        /// Pieces that an idle server takes in a second.
        private let idle: Double

        init(_ bench: Bench, _ subject: Bench.Subject, _ counts: AllocationCounts) throws {
            self.bench = bench
            self.subject = subject
            self.counts = counts
            Monotonic.sleep(seconds: 1)
            let (before, start) = (try counts.now(), Monotonic.now)
            Monotonic.sleep(seconds: 2)
            idle = Double(try counts.now().pieces - before.pieces) / Monotonic.seconds(since: start)
        }

        private var port: UInt16 { subject.server.port }
        private var roundCount: Int { bench.options.isQuick ? 30 : 60 }

        /// What anybody may ask for.
        func published(_ report: inout RowReport) throws {
            try measure("health", .health, .healthTime, fixed(RequestText.get("/health", port: port)), &report)
            try measure("key set", .keySet, .keySetTime, fixed(RequestText.get("/jwks", port: port)), &report)
        }

        /// Tokens, and what they are for.
        func tokens(_ report: inout RowReport) throws {
            let form = Form.encode([("grant_type", "client_credentials"), ("scope", Installation.machineScope)])
            let machine = RequestText.post("/token", form: form, port: port, [subject.machine.proof])
            try measure("machine token", .machineToken, .machineTokenTime, fixed(machine), &report)

            let preparation = try Preparation(bench, scope: Preparation.openIDScope, subject: subject)
            let codes = try preparation.codes(AllocationRow.warmUp + roundCount * AllocationRow.requests)
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
            let requests = Double(AllocationRow.requests)
            var rounds: [(pieces: Double, bytes: Double)] = []
            let before = ProcessorTime(of: subject.server.process.id)
            for _ in 0..<roundCount {
                load.withWork { $0.remaining = AllocationRow.requests }
                let (start, moment) = (try counts.now(), Monotonic.now)
                guard try load.runToEnd().answers == AllocationRow.requests else {
                    throw BenchFailure("\(what): fewer answers than requests")
                }
                let end = try counts.now()
                let besides = idle * Monotonic.seconds(since: moment)
                rounds.append(
                    (
                        (Double(end.pieces - start.pieces) - besides) / requests,
                        Double(end.bytes - start.bytes) / requests
                    ))
            }
            let after = ProcessorTime(of: subject.server.process.id)
            guard let least = rounds.min(by: { $0.pieces < $1.pieces }) else { throw BenchFailure("no rounds") }
            let most = rounds.map(\.pieces).max() ?? least.pieces
            report.add(
                pieces, Figure([least.pieces], .pieces),
                "\(Format.bytes(least.bytes)); up to \(Format.fixed(most, 1))")
            let microseconds = (after.server - before.server) * 1e6 / (requests * Double(rounds.count))
            report.add(time, Figure([microseconds], .microseconds))
        }
    }
}
