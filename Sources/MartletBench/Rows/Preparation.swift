/// Brings people's grants into being the way applications do: one sign-in, then codes with its session.
struct Preparation {
    static let plainScope = Installation.machineScope
    static let openIDScope = "openid profile email \(Installation.machineScope)"

    let bench: Bench
    let subject: Bench.Subject
    let connections: Int
    let expectsIDToken: Bool
    private let address: AuthorizationAddress
    private let session: String

    init(_ bench: Bench, scope: String) throws {
        self.bench = bench
        subject = try bench.subject()
        connections = bench.options.connections
        expectsIDToken = scope == Preparation.openIDScope
        address = AuthorizationAddress(scope: scope, client: subject.application)
        session = try SignIn.session(address, port: subject.server.port)
    }

    /// Fresh codes.
    func codes(_ count: Int) throws -> TokenTable {
        let work = AuthorizeWorkload(address, session: session, count: count, port: subject.server.port)
        var load = try LoadGenerator(work, port: subject.server.port, connections: connections)
        _ = try load.runToEnd()
        guard load.work.codes.count == count else { throw BenchFailure("fewer codes than asked for") }
        return load.work.codes
    }

    /// Redeems codes: how fast it went, and the tokens.
    func redeem(_ codes: TokenTable) throws -> (result: LoadResult, tokens: RedeemWorkload) {
        let work = try RedeemWorkload(
            codes, expectsIDToken: expectsIDToken, client: subject.application, port: subject.server.port,
            connections: connections)
        var load = try LoadGenerator(work, port: subject.server.port, connections: connections)
        let result = try load.runToEnd()
        guard result.answers == codes.count else { throw BenchFailure("fewer tokens than codes") }
        return (result, load.work)
    }

    /// Families of tokens that have not been refreshed yet.
    func families(_ count: Int) throws -> RedeemWorkload { try redeem(codes(count)).tokens }

    /// Raw updates a second on the server's processor, as many a transaction as there are connections.
    func updates(_ updates: SQLiteUpdates) throws -> Double {
        try bench.processors.onServerCore {
            try updates.perSecond(batch: connections, seconds: bench.referenceSeconds)
        }
    }

    /// What one processor could do if it did nothing but the update and the signatures, and how long commits take.
    func ceiling(_ rounds: Rounds) throws -> [String] {
        let signing = try bench.processors.onServerCore {
            try SigningReference().perSecond(seconds: bench.referenceSeconds)
        }
        let signatures = expectsIDToken ? 2.0 : 1.0
        let updates = Figure(rounds.reference, .perSecond).median
        let ceiling = 1 / (1 / updates + signatures / signing)
        let share = Figure(rounds.server, .perSecond).median / ceiling
        return [
            "ceiling             \(Format.value(ceiling, .perSecond)) on one core for the update and "
                + "\(Format.fixed(signatures, 0)) of \(Format.value(signing, .perSecond)) signatures; "
                + "the server reaches \(Format.percent(share)) of that",
            // Where the disk is slow or busy, waiting for it hides what everything else costs: the ratio flatters.
            "commit              \(Format.milliseconds(Double(connections) / updates * 1000)) for a transaction of the reference",
        ]
    }
}
