import JSON

/// Answers that are the same for everybody, against the least that a server can do.
enum PublishedRows {
    static func plain(_ bench: Bench, _ report: inout RowReport) throws {
        let fields = ["Origin: https://app.example", "Access-Control-Request-Method: POST"]
        try measure(bench, &report, "/token", method: "OPTIONS", fields, status: 204) { _ in true }
    }

    static func keys(_ bench: Bench, _ report: inout RowReport) throws {
        try measure(bench, &report, "/jwks", status: 200, isSound: hasKeys)
    }

    static func keysHeld(_ bench: Bench, _ report: inout RowReport) throws {
        let port = try bench.subject().server.port
        let full = try Conversation(port: port).ask(RequestText.get("/jwks", port: port))
        guard let tag = full.field("ETag") else { throw BenchFailure("the key set has no entity tag") }
        try measure(bench, &report, "/jwks", ["If-None-Match: \(tag)"], status: 304) { _ in true }
    }

    static func discovery(_ bench: Bench, _ report: inout RowReport) throws {
        let issuer = try bench.subject().server.issuer
        try measure(bench, &report, "/.well-known/openid-configuration", status: 200) { $0["issuer"]?.string == issuer }
    }

    private static func hasKeys(_ document: JSONValue) -> Bool { document["keys"]?.array?.isEmpty == false }

    private static func measure(
        _ bench: Bench, _ report: inout RowReport, _ target: String, method: String = "GET", _ fields: [String] = [],
        status: Int, isSound: (JSONValue) -> Bool
    ) throws {
        let server = try bench.subject().server
        let request = RequestText.get(target, port: server.port, fields, method: method)
        let conversation = try Conversation(port: server.port)
        let answer = try conversation.ask(request)
        let body = answer.body
        guard answer.status == status,
            body.isEmpty ? status != 200 : (try? JSONValue(parsing: body)).map(isSound) == true
        else { throw BenchFailure("a wrong answer: \(answer.excerpt)") }
        let work = FixedWorkload([request], depth: bench.options.depth, expecting: .exactly(status: status, body: body))

        var load = try LoadGenerator(work, port: server.port, connections: bench.options.connections)
        _ = try load.run(seconds: bench.warmUpSeconds)
        let rounds = try BareResponder.run(answer: answer.bytes, on: bench.processors) { responder in
            var bare = try LoadGenerator(work, port: responder.port, connections: bench.options.connections)
            _ = try bare.run(seconds: bench.warmUpSeconds / 3)
            return try Rounds(
                bench, of: server, reference: { try responder.rate { try bare.run(seconds: bench.referenceSeconds) } },
                load: { try load.run(seconds: bench.roundSeconds) })
        }
        rounds.write(to: &report, "\(status), \(answer.bytes.count) bytes", "a bare loop that sends the same bytes")
    }
}
