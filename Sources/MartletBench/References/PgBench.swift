/// `pgbench` with the statements of a request, prepared, each time for another row.
struct PgBench {
    /// What a request runs, in the words of the server.
    struct Request {
        /// With `$1`, `$2`, … as the server sends them.
        let statements: [Statement]

        struct Statement {
            let text: String
            /// What stands for `$1`, `$2`, … in the script.
            let values: [String]
        }

        private static let now = "(:now)::bigint"

        /// Counts the generation of the grant up.
        static let refresh = Request(statements: [
            Statement(
                text: "UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = "
                    + "$5 WHERE id = $1 AND generation = $2 AND client_id = $6 AND revoked_at IS NULL AND "
                    + "idle_expires_at > $3 AND expires_at > $3 "
                    + "RETURNING user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at",
                values: [
                    SeedNames.grantSQL(":n"), ":g", now, "sha256('request')", "(\(now) + 1209600000000)",
                    "'\(SeedNames.client(0).id)'",
                ])
        ])

        /// Finds the code with its grant, and spends the code.
        static let redemption = Request(statements: [
            Statement(
                text: "SELECT c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.nonce, c.issued_at, "
                    + "c.expires_at, g.client_id, g.user_id, g.session_id, g.scopes, g.authenticated_at, g.methods, "
                    + "g.created_at, g.expires_at, g.generation, g.rotated_at, g.request, g.idle_expires_at, "
                    + "g.revoked_at FROM codes c JOIN grants g ON g.id = c.grant_id "
                    + "WHERE c.digest = $1 AND c.expires_at > $2 AND g.expires_at > $2",
                values: [SeedNames.codeDigestSQL(":n"), now]),
            Statement(
                text: "UPDATE codes SET redeemed_at = $2 WHERE digest = $1 AND redeemed_at IS NULL AND expires_at > $2 "
                    + "AND EXISTS (SELECT 1 FROM grants g WHERE g.id = codes.grant_id AND g.revoked_at IS NULL AND "
                    + "g.expires_at > $2) RETURNING 1",
                values: [SeedNames.codeDigestSQL(":n"), now]),
        ])

        /// Only what it writes.
        var update: Request { Request(statements: Array(statements.suffix(1))) }
    }

    let location: String
    let program: String
    let folder: String
    let clients: Int
    let now: Int64

    /// The script: each client takes rows of its own out of the range, and knows how often it took each.
    static func script(_ request: Request) -> String {
        let choice = [
            "\\set k :k + 1", "\\set j :client_id + :clients * (:k % :span)", "\\set g :k / :span",
            "\\set n :first + (:j * :step) % :length",
        ]
        return (choice + request.statements.map { $0.filled + ";" }).joined(separator: "\n") + "\n"
    }

    /// Requests a second over the rows of a range; `once` refuses a run that came back to a row.
    func perSecond(_ request: Request, over range: Range<Int>, seconds: Int, once: Bool) throws -> Double {
        let path = folder + "/pgbench.sql"
        try TemporaryFolder.write(PgBench.script(request), to: path)
        let span = range.count / clients
        let variables = [
            ("k", "-1"), ("clients", "\(clients)"), ("span", "\(span)"), ("first", "\(range.lowerBound)"),
            ("length", "\(range.count)"), ("step", "\(Walk(range).step)"), ("now", "\(now)"),
        ]
        let run = try CapturedRun(
            program,
            ["-n", "-M", "prepared", "-c", "\(clients)", "-j", "1", "-T", "\(seconds)", "-f", path]
                + variables.flatMap { ["-D", "\($0)=\($1)"] } + [location],
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin"], folder: folder)
        guard run.status == 0, let rate = PgBench.number(after: "tps = ", in: run.output),
            let count = PgBench.number(after: "actually processed: ", in: run.output)
        else { throw BenchFailure("pgbench: \(run.errors)\(run.output)") }
        guard !once || count < Double(range.count - clients) * 0.9 else {
            throw BenchFailure("pgbench ran out of rows: \(Format.grouped(count))")
        }
        return rate
    }

    /// The number behind a label that begins a line or follows its words.
    private static func number(after label: String, in text: String) -> Double? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: label, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            return Double(parts[1].prefix { $0.isNumber || $0 == "." })
        }
        return nil
    }
}

extension PgBench.Request.Statement {
    /// With the values in place.
    var filled: String {
        var text = text
        for (index, value) in values.enumerated().reversed() {
            text = text.split(separator: "$\(index + 1)", omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }

    /// Whether this is the statement that PostgreSQL's statistics show: they have another number for each constant.
    func isSame(as shown: String) -> Bool { Self.shape(text) == Self.shape(shown) }

    /// Words and signs, with a question mark for each number and parameter.
    static func shape(_ text: String) -> [String] {
        var words: [String] = []
        var isInWord = false
        for character in text {
            let joins = character.isLetter || character.isNumber || character == "_" || character == "$"
            if joins, isInWord {
                words[words.count - 1].append(character)
            } else if !character.isWhitespace {
                words.append(String(character))
            }
            isInWord = joins
        }
        return words.map { word in
            word.allSatisfy { $0.isNumber || $0 == "$" } ? "?" : word
        }
    }
}
