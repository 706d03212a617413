import JSON

/// The report for programs.
enum JSONReport {
    static func text(_ reports: [RowReport], _ bench: Bench) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("pinned", bench.processors.pinning != nil)
            $0.member("connections", bench.options.connections)
            $0.member("pipeline", bench.options.depth)
            $0.member("quick", bench.options.isQuick)
            $0.array("rows") { writer in
                for report in reports { writer.element { write(report, to: &$0) } }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ report: RowReport, to writer: inout JSONWriter) {
        writer.member("name", report.row)
        writer.member("title", report.title)
        writer.member("failure", report.failure)
        writer.member("others", report.others)
        writer.member("noisy", report.isNoisy)
        writer.array("metrics") { writer in
            for metric in report.metrics {
                writer.element { element in
                    element.member("name", metric.name.rawValue)
                    element.member("value", metric.figure.median)
                    element.member("unit", metric.figure.unit.rawValue)
                    element.member("spread", metric.figure.spread)
                    element.member("rounds", metric.figure.samples.count)
                    if let budget = report.budget(of: metric) {
                        element.member("target", budget.target)
                        element.member("standing", budget.standing(of: metric.figure.median).rawValue)
                    }
                }
            }
        }
        writer.array("notes") { writer in
            for note in report.notes { writer.element(note) }
        }
    }
}
