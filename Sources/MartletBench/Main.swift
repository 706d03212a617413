import Glibc

/// The program: measures the product against its performance budget.
@main
struct Program {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "seed" { SeedCommand.run(Array(arguments.dropFirst())) }
        let options: Options
        do {
            options = try Options(arguments)
        } catch {
            complain(error)
            exit(2)
        }
        guard !options.isHelp else {
            print(Options.help)
            exit(0)
        }
        do {
            try Aftermath.shared.watchSignals()
            let reports = try measure(options)
            Aftermath.shared.clear()
            let isInvalid = reports.contains { $0.failure != nil }
            exit(isInvalid || options.isCheck && reports.contains(where: \.missesBudget) ? 1 : 0)
        } catch {
            Aftermath.shared.clear()
            complain(error)
            exit(1)
        }
    }

    static func complain(_ error: any Error) {
        let line = "martlet-bench: \(error)\n"
        _ = write(2, line, line.utf8.count)
    }

    private static func measure(_ options: Options) throws -> [RowReport] {
        let start = Monotonic.now
        let bench = try Bench(options)
        defer { bench.stop() }
        bench.processors.takeLoadCore()
        let text = TextReport(isSilent: options.isJSON)
        text.line(introduction(bench))
        var reports: [RowReport] = []
        for row in Row.all where options.rows.isEmpty ? row.needs == nil : options.rows.contains(row.name) {
            if let needs = row.needs { text.line("\n\(row.name) needs about \(needs) at its full size") }
            var report = RowReport(row: row.name, title: row.title)
            do {
                try row.run(bench, &report)
            } catch {
                // Half of a row would be read as the whole.
                report.metrics = []
                report.notes = []
                report.failure = "\(error)"
            }
            text.show(report)
            reports.append(report)
        }
        text.summarize(reports)
        text.line("\nmeasured in \(Format.fixed(Monotonic.seconds(since: start), 0)) s")
        if options.isJSON { print(JSONReport.text(reports, bench)) }
        return reports
    }

    private static func introduction(_ bench: Bench) -> String {
        let place =
            if let pinning = bench.processors.pinning {
                "server and references on processor \(pinning.server), load on processor \(pinning.load)"
            } else if bench.options.pins {
                "one processor only: server and load share it, so every figure is too low"
            } else {
                "nothing is pinned"
            }
        return "\(bench.program) in production mode, one event loop; \(place); databases and logs in \(bench.folder)"
    }
}
