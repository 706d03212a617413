/// A flood of TLS handshakes that nobody ends, while others ask for tokens and keys on connections that they have.
enum HandshakeFloodRow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try DescriptorLimit.raise(to: HandshakeFlood.descriptors + 300)
        var installation = try Installation(
            program: bench.program, folder: bench.folder, name: "handshakes", templates: bench.options.templates)
        let machine = try installation.addMachine()
        let files = try OpenSSLCommand.certificate(folder: bench.folder)
        let port = try ClientSocket.freePort()
        installation.moreListeners = ["https://127.0.0.1:\(port)"]
        let server = try bench.processors.onServerCore {
            try TestedServer(
                installation, ["MARTLET_TLS_CERTIFICATE=\(files.certificate)", "MARTLET_TLS_KEY=\(files.key)"])
        }
        defer { server.stop() }

        let seconds = bench.options.isQuick ? 3.0 : 8
        let quiet = try probe(server, machine, seconds: seconds / 2)
        let before = ProcessorTime(of: server.process.id)
        let flood = try HandshakeFlood(port: port)
        let loud = Result { try probe(server, machine, seconds: seconds) }
        let shares = ProcessorTime(of: server.process.id).shares(since: before)
        let (answered, cut) = flood.stop()
        let (tokens, keys) = try loud.get()
        guard answered > 0 else { throw BenchFailure("no handshake was answered: this was no flood") }
        report.others = shares.others
        report.add(
            .server, Figure([Double(answered) / seconds], .perSecond),
            "handshakes that nobody ends; \(Format.grouped(Double(cut))) more were closed")
        report.add(.tokenLatency, Figure([tokens.milliseconds(at: 0.99) / 1000], .seconds), tokens.summary)
        report.add(.keySetLatency, Figure([keys.milliseconds(at: 0.99) / 1000], .seconds), keys.summary)
        report.notes += [
            "without the flood   /token \(quiet.tokens.summary); key set \(quiet.keys.summary)",
            "latency             from the moment a request was due, 100/s of each kind",
            "memory              \(Format.bytes(try server.memory().resident)) after the flood",
        ]
    }

    /// How long two clients wait for tokens and for keys.
    private static func probe(
        _ server: TestedServer, _ machine: Installation.Client, seconds: Double
    ) throws -> (tokens: Latencies, keys: Latencies) {
        let form = Form.encode([("grant_type", "client_credentials")])
        let tokenRequest = RequestText.post("/token", form: form, port: server.port, [machine.proof])
        let keyRequest = RequestText.get("/jwks", port: server.port)
        let tokens = try Probe(tokenRequest, expecting: 200, perSecond: 100, port: server.port)
        let keys = try Probe(keyRequest, expecting: 200, perSecond: 100, port: server.port)
        Monotonic.sleep(seconds: seconds)
        return (try tokens.stop(), try keys.stop())
    }
}
