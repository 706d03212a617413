import JSON
import SQLStores

/// How the schema of a database stands, for people and for programs.
struct SchemaReport {
    private let status: SchemaStatus

    init(_ status: SchemaStatus) { self.status = status }

    var text: String {
        guard !status.pending.isEmpty else { return "The database is up to date: there is nothing to do." }
        let steps = status.pending.map { "Would apply \($0.number): \($0.name)" }
        return (steps + ["Nothing was changed."]).joined(separator: "\n")
    }

    func write(_ writer: inout JSONWriter) {
        writer.object {
            $0.member("schema", status.number)
            $0.steps("pending", status.pending)
        }
    }
}

extension JSONWriter {
    /// A list of steps.
    mutating func steps(_ name: StaticString, _ steps: [SchemaStep]) {
        array(name) { writer in
            for step in steps {
                writer.element {
                    $0.member("number", step.number)
                    $0.member("name", step.name)
                }
            }
        }
    }
}
