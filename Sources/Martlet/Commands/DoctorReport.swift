import JSON
import SQLStores

/// What was found, line by line, for people and for programs.
struct DoctorReport {
    private var lines: [(name: String, finding: Finding)] = []

    /// Whether nothing failed.
    var isFine: Bool { !lines.contains { $0.finding.verdict == .failed } }

    mutating func add(_ name: String, _ finding: Finding) { lines.append((name, finding)) }

    func tell(_ console: Console, asJSON isJSON: Bool) {
        if isJSON { console.print(json: write) } else { console.print(text) }
    }

    var text: String {
        let width = lines.map(\.name.count).max() ?? 0
        let list = lines.map { name, finding in
            let head = DoctorReport.padded(finding.verdict.rawValue, 7) + "  " + DoctorReport.padded(name, width) + "  "
            return head + Console.visible(finding.found + (finding.remedy.map { ". " + $0 } ?? ""))
        }
        return list.joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    func write(_ writer: inout JSONWriter) {
        writer.object {
            $0.member("fine", isFine)
            $0.array("checks") { writer in
                for (name, finding) in lines {
                    writer.element {
                        $0.member("name", name)
                        $0.member("verdict", finding.verdict.rawValue)
                        $0.member("found", finding.found)
                        $0.member("remedy", finding.remedy)
                    }
                }
            }
        }
    }
}
