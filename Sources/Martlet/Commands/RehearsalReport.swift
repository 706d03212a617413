import JSON
import SQLStores

/// What a rehearsal found, for people and for programs.
struct RehearsalReport {
    let rehearsal: Rehearsal
    private let sample: Int64

    init(_ rehearsal: Rehearsal, sample: Int64) {
        self.rehearsal = rehearsal
        self.sample = sample
    }

    private var schema: Int64 { rehearsal.status.number }

    // MARK: For people

    var text: String {
        guard !rehearsal.status.pending.isEmpty else {
            return "There was nothing to rehearse: the database is up to date."
        }
        var parts = ["Rehearsed on a copy with \(sample) rows of each table at most. The database was not changed."]
        if !rehearsal.tables.isEmpty { parts.append(tables) }
        parts.append(steps)
        if !locks.isEmpty { parts.append(locks) }
        return (parts + findings).joined(separator: "\n\n")
    }

    private var tables: String {
        var table = TextTable("TABLE", "ROWS", "COPIED")
        for copied in rehearsal.tables { table.add(copied.name, "\(copied.rows)", "\(copied.copied)") }
        return table.text
    }

    private var steps: String {
        var table = TextTable("STEP", "TOOK", "ON ALL ROWS", "WHAT IT BRINGS")
        for step in rehearsal.steps {
            table.add(
                "\(step.step.number)", step.duration.short, "about " + step.estimate.short, step.step.name
            )
        }
        return table.text
    }

    /// Whom the steps keep waiting, and how long.
    private var locks: String {
        let whole = rehearsal.steps.reduce(Duration.zero) { $0 + $1.estimate }
        let lines = rehearsal.steps.flatMap { step in
            step.locks.map { lock in
                let what = lock.table.map { "table \(Console.visible($0))" } ?? "the database"
                return "  \(what), from step \(step.step.number): \(RehearsalReport.meaning(of: lock.mode))"
            }
        }
        guard !lines.isEmpty else { return "" }
        return (["Others wait until all steps are done, about \(whole.short):"] + lines).joined(separator: "\n")
    }

    private static func meaning(of mode: String) -> String {
        mode == "AccessExclusiveLock"
            ? "nobody else reads or writes (\(mode))" : "nobody else writes (\(mode))"
    }

    private var findings: [String] {
        var findings: [String] = []
        for step in rehearsal.steps {
            if let failure = step.failure {
                findings.append("Step \(step.step.number) fails: \(Console.visible(failure))")
            }
        }
        guard findings.isEmpty, schema > 0 else { return findings }
        for step in rehearsal.status.pending where step.compatibleFrom > schema {
            findings.append(
                "Step \(step.number) leaves programs of schema \(schema) behind: stop every older node before you migrate."
            )
        }
        for broken in rehearsal.broken {
            findings.append(
                "A program of schema \(broken.schema) could no longer ask this (\(Console.visible(broken.reason))):\n"
                    + broken.text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
            )
        }
        if findings.isEmpty {
            findings = [
                "All \(rehearsal.tried) statements of programs of schema \(schema) work afterwards: "
                    + "nodes can be replaced one by one."
            ]
        }
        return findings
    }

    // MARK: For programs

    func write(_ writer: inout JSONWriter) {
        writer.object {
            $0.member("schema", schema)
            $0.steps("pending", rehearsal.status.pending)
            $0.array("tables") { writer in
                for table in rehearsal.tables {
                    writer.element {
                        $0.member("name", table.name)
                        $0.member("rows", table.rows)
                        $0.member("copied", table.copied)
                    }
                }
            }
            $0.array("steps") { writer in
                for step in rehearsal.steps { writer.element { RehearsalReport.write(step, to: &$0) } }
            }
            $0.member("statements", rehearsal.tried)
            $0.array("broken") { writer in
                for broken in rehearsal.broken {
                    writer.element {
                        $0.member("schema", broken.schema)
                        $0.member("statement", broken.text)
                        $0.member("reason", broken.reason)
                    }
                }
            }
            $0.member("compatible", rehearsal.isCompatible)
            $0.member("fine", rehearsal.isFine)
        }
    }

    private static func write(_ step: Rehearsal.Step, to writer: inout JSONWriter) {
        writer.member("number", step.step.number)
        writer.member("seconds", step.duration / .seconds(1))
        writer.member("estimated_seconds", step.estimate / .seconds(1))
        writer.array("locks") { writer in
            for lock in step.locks {
                writer.element {
                    $0.member("table", lock.table)
                    $0.member("mode", lock.mode)
                }
            }
        }
        writer.member("failure", step.failure)
    }
}

extension Duration {
    /// With as many digits as matter: `340 µs`, `12 ms`, `3.4 s`, `25 min`.
    var short: String {
        let seconds = self / .seconds(1)
        return switch seconds {
        case ..<0.001: "\(Int((seconds * 1e6).rounded())) µs"
        case ..<1: "\(Int((seconds * 1e3).rounded())) ms"
        case ..<120: "\((seconds * 10).rounded() / 10) s"
        default: "\(Int(exactly: (seconds / 60).rounded()) ?? .max) min"
        }
    }
}
