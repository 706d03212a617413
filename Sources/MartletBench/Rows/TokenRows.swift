import JOSE
import JSON

/// The token endpoint and what tokens are used for.
enum TokenRows {
    static func clientCredentials(_ bench: Bench, _ report: inout RowReport) throws {
        let subject = try bench.subject()
        let port = subject.server.port
        try TokenCheck(subject.server).check(try Conversation(port: port).ask(clientCredentialsRequest(subject)))
        let work = clientCredentialsWork(subject, depth: bench.options.depth)
        var load = try LoadGenerator(work, port: port, connections: bench.options.connections)
        _ = try load.run(seconds: bench.warmUpSeconds)

        let signing = try SigningReference()
        let rounds = try Rounds(
            bench, of: subject.server,
            reference: {
                try bench.processors.onServerCore { try signing.rate(seconds: bench.referenceSeconds) }
            }, load: { try load.run(seconds: bench.roundSeconds) })
        rounds.write(
            to: &report, "\(bench.options.connections) connections", "P-256 signatures in a loop on the same core")
        let command = bench.processors.onServerCore {
            OpenSSLCommand.signaturesPerSecond(folder: bench.folder, seconds: 1)
        }
        report.notes.append(
            "openssl speed       "
                + (command.map { Format.value($0, .perSecond) + ", the command, once, by processor time as it counts" }
                    ?? "there is no such command"))
    }

    /// A machine that wants tokens for itself.
    static func clientCredentialsWork(_ subject: Bench.Subject, depth: Int = 1) -> FixedWorkload {
        FixedWorkload(
            [clientCredentialsRequest(subject)], depth: depth,
            expecting: .begins(status: 200, body: Array("{\"access_token\":\"ey".utf8)))
    }

    private static func clientCredentialsRequest(_ subject: Bench.Subject) -> [UInt8] {
        let form = Form.encode([("grant_type", "client_credentials"), ("scope", Installation.machineScope)])
        return RequestText.post("/token", form: form, port: subject.server.port, [subject.machine.proof])
    }

    static func code(_ bench: Bench, _ report: inout RowReport) throws {
        try redeem(bench, &report, Preparation.plainScope)
    }

    static func codeWithIDToken(_ bench: Bench, _ report: inout RowReport) throws {
        try redeem(bench, &report, Preparation.openIDScope)
    }

    private static func redeem(_ bench: Bench, _ report: inout RowReport, _ scope: String) throws {
        let preparation = try Preparation(bench, scope: scope)
        let server = preparation.subject.server
        let count = bench.options.isQuick ? 1500 : 8000
        // What warms up makes the rows of the reference, too.
        _ = try preparation.families(count)
        let updates = try SQLiteUpdates(
            copying: server.installation.databasePath, to: bench.folder + "/reference.db", .redemption)
        var codes = TokenTable()
        var commits = CommitCount(server)
        let rounds = try Rounds(
            bench, of: server, prepare: { codes = try preparation.codes(count) },
            reference: { try preparation.updates(updates) },
            load: { try commits.counting { try preparation.redeem(codes).result } })
        rounds.write(
            to: &report, "\(preparation.connections) connections, \(Format.grouped(Double(count))) codes a round",
            "raw SQLite updates, \(preparation.connections) a transaction, same table and core")
        report.notes += try preparation.floor(rounds) + [commits.note]
    }

    static func refresh(_ bench: Bench, _ report: inout RowReport) throws {
        try refresh(bench, &report, Preparation.plainScope)
    }

    static func refreshWithIDToken(_ bench: Bench, _ report: inout RowReport) throws {
        try refresh(bench, &report, Preparation.openIDScope)
    }

    private static func refresh(_ bench: Bench, _ report: inout RowReport, _ scope: String) throws {
        let preparation = try Preparation(bench, scope: scope)
        let server = preparation.subject.server
        let families = try preparation.families(bench.options.isQuick ? 2000 : 10_000).refreshTokens
        let updates = try SQLiteUpdates(
            copying: server.installation.databasePath, to: bench.folder + "/reference.db", .rotation)
        let work = try RefreshWorkload(
            families, expectsIDToken: preparation.expectsIDToken, client: preparation.subject.application,
            port: server.port, connections: preparation.connections)
        var load = try LoadGenerator(work, port: server.port, connections: preparation.connections)
        _ = try load.run(seconds: bench.warmUpSeconds)
        var commits = CommitCount(server)
        let rounds = try Rounds(
            bench, of: server, reference: { try preparation.updates(updates) },
            load: { try commits.counting { try load.run(seconds: bench.roundSeconds) } })
        rounds.write(
            to: &report, "\(preparation.connections) connections, \(Format.grouped(Double(families.count))) families",
            "raw SQLite updates, \(preparation.connections) a transaction, same table and core")
        report.notes += try preparation.floor(rounds) + [commits.note]
    }

    static func userInfo(_ bench: Bench, _ report: inout RowReport) throws {
        let preparation = try Preparation(bench, scope: Preparation.openIDScope)
        let port = preparation.subject.server.port
        let tokens = try preparation.families(1000).accessTokens
        let requests = (0..<tokens.count).map { index in
            RequestText.get("/userinfo", port: port, ["Authorization: Bearer \(tokens.text(index))"])
        }
        let answer = try Conversation(port: port).ask(requests[0])
        guard answer.status == 200, (try? JSONValue(parsing: answer.body))?["email"]?.string == Installation.email
        else {
            throw BenchFailure("a wrong answer: \(answer.excerpt)")
        }
        let work = FixedWorkload(
            requests, depth: bench.options.depth, expecting: .exactly(status: 200, body: answer.body))
        var load = try LoadGenerator(work, port: port, connections: bench.options.connections)
        _ = try load.run(seconds: bench.warmUpSeconds)
        let rounds = try BareResponder.run(answer: answer.bytes, on: bench.processors) { responder in
            var bare = try LoadGenerator(work, port: responder.port, connections: bench.options.connections)
            return try Rounds(
                bench, of: preparation.subject.server,
                reference: { try responder.rate { try bare.run(seconds: bench.referenceSeconds) } },
                load: { try load.run(seconds: bench.roundSeconds) })
        }
        rounds.write(to: &report, "1,000 tokens, \(answer.bytes.count) bytes", "a bare loop that sends the same bytes")
    }

    /// A client that asks about its tokens, as a resource server does with every request that it gets.
    static func introspect(_ bench: Bench, _ report: inout RowReport) throws {
        let preparation = try Preparation(bench, scope: Preparation.openIDScope)
        let port = preparation.subject.server.port
        let tokens = try preparation.families(1000).accessTokens
        let requests = (0..<tokens.count).map { index in
            RequestText.post(
                "/introspect", form: Form.encode([("token", tokens.text(index))]), port: port,
                [preparation.subject.application.proof])
        }
        let answer = try Conversation(port: port).ask(requests[0])
        guard answer.status == 200, (try? JSONValue(parsing: answer.body))?["active"]?.bool == true else {
            throw BenchFailure("a wrong answer: \(answer.excerpt)")
        }
        let work = FixedWorkload(
            requests, depth: bench.options.depth,
            expecting: .begins(status: 200, body: Array("{\"active\":true".utf8)))
        var load = try LoadGenerator(work, port: port, connections: bench.options.connections)
        _ = try load.run(seconds: bench.warmUpSeconds)
        let rounds = try BareResponder.run(answer: answer.bytes, on: bench.processors) { responder in
            var bare = try LoadGenerator(work, port: responder.port, connections: bench.options.connections)
            return try Rounds(
                bench, of: preparation.subject.server,
                reference: { try responder.rate { try bare.run(seconds: bench.referenceSeconds) } },
                load: { try load.run(seconds: bench.roundSeconds) })
        }
        rounds.write(to: &report, "1,000 tokens, \(answer.bytes.count) bytes", "a bare loop that sends the same bytes")
    }
}
