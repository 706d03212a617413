import JSON
import SQLStores

/// What a move did, for people and for programs.
struct MoveReport {
    private let report: DatabaseMove.Report
    private let source: String
    private let target: String

    init(_ report: DatabaseMove.Report, from source: String, to target: String) {
        self.report = report
        self.source = source
        self.target = target
    }

    var text: String {
        var table = TextTable("TABLE", "ROWS")
        for moved in report.tables { table.add(moved.name, "\(moved.rows)") }
        return [table.text, ending].joined(separator: "\n\n")
    }

    private var ending: String {
        let target = Console.visible(target)
        guard report.isMoved else {
            return """
                Copied to \(target), with \(report.changes) changes that came in meanwhile.
                The server goes on with \(Console.visible(source)). Run the same with --cut-over to finish.
                """
        }
        let compared = report.refused.map {
            "All rows are the same at both places. The last changes took \($0.short), in which writes were refused.\n"
        }
        return (compared ?? "The move was finished before.\n")
            + "Set MARTLET_DATABASE to what --to says (\(target)) and restart every node: until then writes get 503."
    }

    func write(_ writer: inout JSONWriter) {
        writer.object {
            $0.member("phase", report.isMoved ? "moved" : "copied")
            $0.array("tables") { writer in
                for table in report.tables {
                    writer.element {
                        $0.member("name", table.name)
                        $0.member("rows", table.rows)
                    }
                }
            }
            $0.member("changes", Int64(report.changes))
            if let refused = report.refused { $0.member("refused_seconds", refused / .seconds(1)) }
        }
    }
}
