/// What the command line asks for.
struct Options {
    var rows: [String] = []
    var server: String?
    var templates: String?
    var folder: String?
    var connections = 64
    var depth = 1
    var isQuick = false
    var isJSON = false
    var isCheck = false
    var pins = true
    var isHelp = false
    /// The cluster for the rows that need PostgreSQL; nil starts one.
    var postgresql: String?
    /// The library that counts allocations, for the row that needs it.
    var allocationCounter: String?
    var users = 1_000_000
    var families = 5_000_000

    init(_ arguments: some Sequence<String>) throws {
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            func value() throws -> String {
                guard let value = iterator.next() else { throw BenchFailure("\(argument) needs a value") }
                return value
            }
            func number(_ bounds: ClosedRange<Int>) throws -> Int {
                guard let number = Int(try value()), bounds.contains(number) else {
                    throw BenchFailure("\(argument) takes a number from \(bounds.lowerBound) to \(bounds.upperBound)")
                }
                return number
            }
            switch argument {
            case "--row": rows.append(try value())
            case "--server": server = try value()
            case "--templates": templates = try value()
            case "--folder": folder = try value()
            case "--connections": connections = try number(1...1024)
            case "--pipeline": depth = try number(1...64)
            case "--postgresql": postgresql = try value()
            case "--allocation-counter": allocationCounter = try value()
            case "--users": users = try number(1...100_000_000)
            case "--families": families = try number(1...100_000_000)
            case "--quick": isQuick = true
            case "--json": isJSON = true
            case "--check": isCheck = true
            case "--no-pin": pins = false
            case "--help", "-h": isHelp = true
            default: throw BenchFailure("there is no option \(argument); --help lists all")
            }
        }
        for row in rows where !Row.all.contains(where: { $0.name == row }) {
            throw BenchFailure("there is no row \(row); --help lists all")
        }
    }

    static var help: String {
        func list(_ rows: [Row]) -> String {
            rows.map { row in
                "  " + Format.padded(row.name, to: 20) + row.title + (row.needs.map { " (\($0))" } ?? "")
            }.joined(separator: "\n")
        }
        return """
            Measures `martlet` against its performance budget.

            Usage: martlet-bench [options]
                   martlet-bench seed --database DATABASE [options]   fill a database; see seed --help

            Options:
              --row NAME          Only this row. May be given several times.
              --quick             Shorter and fewer rounds: below 40 seconds instead of 4 minutes.
              --check             Fail when a target is missed by more than its tolerance.
              --json              Print one JSON object.
              --connections N     Connections that the load keeps busy (default: 64).
              --pipeline N        Requests sent at once on each, in the rows of fixed requests (default: 1).
              --no-pin            Leave it to the kernel which processor runs what.
              --server PATH       The martlet program (default: the one beside this program).
              --templates PATH    Its page templates (default: where it finds them itself).
              --folder PATH       Where databases and logs lie meanwhile (default: $TMPDIR or /tmp).
              --postgresql DB     The cluster for the rows on PostgreSQL (default: one of our own below the folder).
              --allocation-counter PATH
                                  The library that is preloaded to count, for the row of allocations.
              --users N           People of the large database in the growth rows (default: 1000000).
              --families N        Its families of refresh tokens (default: 5000000).
              --help              Print this.

            Rows:
            \(list(Row.all.filter { $0.needs == nil }))

            Rows that run only when they are named:
            \(list(Row.all.filter { $0.needs != nil }))

            Exit status: 0 when all rows ran, 1 when one is invalid or, with --check, a target is
            missed, 2 when the command line is wrong.
            """
    }
}
