import Glibc

/// Fills a database, and says how far it is.
enum Seeding {
    /// Writes all rows of a plan; nothing is there until everything is.
    static func fill(_ location: DatabaseLocation, _ plan: SeedPlan, says progress: inout SeedProgress) throws {
        switch location {
        case .sqlite(let path):
            var sink = try SQLiteSink(path)
            try fill(&sink, plan, &progress)
        case .postgresql(let text):
            var sink = try PostgreSQLSink(text)
            try fill(&sink, plan, &progress)
        }
        progress.finish()
    }

    private static func fill(_ sink: inout some SeedSink, _ plan: SeedPlan, _ progress: inout SeedProgress) throws {
        let hash = try SeedPlan.passwordHash()
        for table in SeedTable.allCases {
            try sink.begin(table)
            for number in 0..<plan.rows(of: table) {
                plan.write(number, of: table, passwordHash: hash, to: &sink)
                try sink.endRow()
                progress.advance(table.rawValue)
            }
            try sink.end()
        }
        progress.say("making it durable")
        try sink.commit()
    }
}

/// Why a database is not filled.
enum SeedRefusal {
    static func notEmpty(_ table: SeedTable, _ place: String) -> BenchFailure {
        BenchFailure(
            "\(place) has rows in \(table.rawValue) already, and seeding adds to nothing: take a fresh database, made "
                + "with `martlet migrate`")
    }
}

/// One line on standard error that tells how far it is: rewritten on a terminal, a line for each tenth elsewhere.
struct SeedProgress {
    private let label: String
    private let total: Int
    private let isTerminal = isatty(2) == 1
    private let start = Monotonic.now
    private var rows = 0
    private var nextNews = 0

    /// So many rows are to come; `label` begins the line.
    init(_ label: String, total: Int) {
        self.label = label
        self.total = max(1, total)
    }

    /// How long it took, in seconds.
    var seconds: Double { Monotonic.seconds(since: start) }

    mutating func advance(_ table: String) {
        rows += 1
        guard rows >= nextNews else { return }
        nextNews = rows + max(1, total / (isTerminal ? 200 : 10))
        say(table)
    }

    func say(_ what: String) {
        let text =
            "\(label): \(Format.grouped(Double(rows))) of \(Format.grouped(Double(total))) rows "
            + "(\(Format.percent(Double(rows) / Double(total)))), \(what), \(Format.fixed(seconds, 0)) s"
        let line = isTerminal ? "\r\u{1B}[K" + text : text + "\n"
        _ = write(2, line, line.utf8.count)
    }

    func finish() {
        say("done")
        if isTerminal { _ = write(2, "\n", 1) }
    }
}
