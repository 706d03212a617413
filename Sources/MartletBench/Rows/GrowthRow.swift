/// The same work at the same rate on a small and on a large database, in turn, so that what disturbs one disturbs the
/// other.
///
/// Password hashing costs the same for both and hides all else: beside the whole sign-in there is the sign-on of somebody
/// who has a session, which hashes nothing.
enum GrowthRow {
    static func sqlite(_ bench: Bench, _ report: inout RowReport) throws { try run(bench, .sqlite, &report) }

    static func postgresql(_ bench: Bench, _ report: inout RowReport) throws { try run(bench, .postgresql, &report) }

    private static func run(_ bench: Bench, _ kind: DatabaseKind, _ report: inout RowReport) throws {
        let isQuick = bench.options.isQuick
        var small = SeedPlan(people: isQuick ? 1000 : 10_000, families: isQuick ? 5000 : 50_000)
        var large = SeedPlan(
            people: isQuick ? 20_000 : bench.options.users, families: isQuick ? 100_000 : bench.options.families)
        // Sweeping is a row of its own.
        small.expired = 0
        large.expired = 0
        try bench.processors.onAllCores {
            var sides: [GrowthSide] = []
            defer { for side in sides { side.server.stop() } }
            for (name, plan) in [("small", small), ("large", large)] {
                let start = Monotonic.now
                sides.append(try GrowthSide(bench, kind, name, plan))
                report.notes.append(
                    Format.padded(name, to: 20) + "\(Format.grouped(Double(plan.people))) people, "
                        + "\(Format.grouped(Double(plan.families))) families, filled in "
                        + "\(Format.fixed(Monotonic.seconds(since: start), 0)) s")
            }
            for side in sides { try side.warmUp(seconds: bench.warmUpSeconds) }
            // Neither is always the first.
            func inTurn(_ round: Int) -> [GrowthSide] { round.isMultiple(of: 2) ? sides : sides.reversed() }
            for round in 0..<bench.rounds {
                for side in inTurn(round) { try side.measure(seconds: bench.roundSeconds * 2) }
            }
            for round in 0..<(isQuick ? 1 : 4) {
                for side in inTurn(round) { try side.signIn(seconds: isQuick ? 1 : 10) }
            }
            write(sides[0], sides[1], &report)
        }
    }

    private static func write(_ small: GrowthSide, _ large: GrowthSide, _ report: inout RowReport) {
        for kind in GrowthKind.allCases {
            guard let before = small.measured[kind], let after = large.measured[kind] else { continue }
            report.add(kind.metric, Figure(zip(after.tails, before.tails).map { $0 / $1 }, .ratio))
            report.notes.append(
                Format.padded(kind.rawValue, to: 20) + "small \(before.all.summary); large \(after.all.summary); p50 "
                    + Format.fixed(Figure(zip(after.medians, before.medians).map { $0 / $1 }, .ratio).median, 2)
                    + " times")
        }
        report.notes.append(
            "load                \(Format.grouped(GrowthSide.rate)) a second of each kind, timed from the moment they are due; "
                + "sign-ins with a password one after the other; nothing pinned")
    }
}
