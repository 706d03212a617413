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

    init(_ bench: Bench, scope: String, subject given: Bench.Subject? = nil) throws {
        self.bench = bench
        subject = try given ?? bench.subject()
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

    /// Raw updates on the server's processor, as many a transaction as there are connections.
    func updates(_ updates: SQLiteUpdates) throws -> Rate {
        try bench.processors.onServerCore {
            try updates.rate(batch: connections, seconds: bench.referenceSeconds)
        }
    }

    /// What an answer costs if the server does nothing but the update and the signatures, and how long commits take.
    func floor(_ rounds: Rounds) throws -> [String] {
        let signing = try bench.processors.onServerCore {
            try SigningReference().rate(seconds: bench.referenceSeconds)
        }
        let signatures = expectsIDToken ? 2.0 : 1.0
        let floor = rounds.referenceCost.median + signatures * signing.cost
        let updates = Figure(rounds.reference, .perSecond).median
        return [
            "floor               \(Format.fixed(floor * 1e6, 1)) µs for the update and "
                + "\(Format.fixed(signatures, 0)) signatures of \(Format.fixed(signing.cost * 1e6, 1)) µs: "
                + "\(Format.percent(floor / rounds.serverCost.median)) of the server's cost",
            // Where the disk is slow or busy, waiting for it hides what everything else costs: the ratio flatters.
            "commit              \(Format.milliseconds(Double(connections) / updates * 1000)) for a transaction of the reference",
        ]
    }
}
