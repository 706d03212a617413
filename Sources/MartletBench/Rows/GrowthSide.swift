/// One of two databases that are compared: its server, its load and what was measured.
final class GrowthSide {
    /// More than are ever busy at that rate.
    static let connections = 64
    /// Requests a second of each kind: the same load on both, which keeps neither busy.
    ///
    /// At the most that each can do, the large one would be compared under a load that the small one never sees.
    static let rate = 500.0

    let plan: SeedPlan
    let server: TestedServer
    private(set) var measured: [GrowthKind: Measured] = [:]
    private var families: OpenLoad<FamilyWorkload>
    private var sessions: OpenLoad<SessionWorkload>
    private let people: Walk
    private var signedIn = 0

    /// Durations of one kind of request, round by round.
    struct Measured {
        var all = Latencies()
        var tails: [Double] = []
        var medians: [Double] = []

        mutating func add(_ latencies: Latencies) {
            all.add(latencies)
            tails.append(latencies.milliseconds(at: 0.99) / 1000)
            medians.append(latencies.milliseconds(at: 0.5) / 1000)
        }
    }

    /// Fills a database and starts its server.
    init(_ bench: Bench, _ kind: DatabaseKind, _ name: String, _ plan: SeedPlan) throws {
        let database = kind == .sqlite ? nil : try bench.cluster().makeDatabase(name)
        let installation = try Installation(
            program: bench.program, folder: bench.folder, name: name, templates: bench.options.templates,
            database: database)
        try installation.seed(plan)
        self.plan = plan
        server = try TestedServer(installation)
        let (port, connections) = (server.port, GrowthSide.connections)
        families = try OpenLoad(
            FamilyWorkload(
                plan, 0..<plan.families, tokens: SeededTokens(installation.masterKey), port: port,
                connections: connections), port: port, connections: connections, patience: GrowthSide.patience)
        sessions = try OpenLoad(
            SessionWorkload(plan, port: port, connections: connections), port: port, connections: connections,
            patience: GrowthSide.patience)
        people = Walk(0..<plan.people)
    }

    /// Each kind of request for a moment, unmeasured.
    func warmUp(seconds: Double) throws {
        try measure(seconds: seconds)
        try signIn(seconds: seconds)
        measured = [:]
    }

    /// A round of sign-ons, of redemptions of the codes that they bring, and of refreshes.
    func measure(seconds: Double) throws {
        server.forgetLog()
        note(.sessionSignOn, try whole(sessions.run(perSecond: GrowthSide.rate, seconds: seconds)))
        let codes = sessions.withWork { $0.takeCodes() }
        let count = Double(codes.count)
        var redeeming = try OpenLoad(
            RedeemWorkload(
                codes, expectsIDToken: false, client: SeedNames.client(0), port: server.port,
                connections: GrowthSide.connections), port: server.port, connections: GrowthSide.connections,
            patience: GrowthSide.patience)
        note(.code, try whole(redeeming.run(perSecond: GrowthSide.rate, seconds: (count - 1) / GrowthSide.rate)))
        note(.refresh, try whole(families.run(perSecond: GrowthSide.rate, seconds: seconds)))
    }

    /// The durations, if nobody was sent away or gave up.
    private func whole(_ result: OpenResult) throws -> Latencies {
        guard result.refusals.count + result.late + result.unsent == 0, result.good.count > 0 else {
            throw BenchFailure(
                "\(result.good.count) good answers, \(result.refusals.count) refused, \(result.late) late, "
                    + "\(result.unsent) unsent")
        }
        return result.good
    }

    /// How long a client waits, in seconds.
    private static let patience = 10.0

    /// Whole sign-ins of one browser after the other: three requests, the last with the password.
    func signIn(seconds: Double) throws {
        let conversation = try Conversation(port: server.port)
        let address = AuthorizationAddress(scope: SeedPlan.scope, client: SeedNames.client(0))
        let end = Monotonic.after(seconds: seconds)
        var latencies = Latencies()
        while Monotonic.now < end {
            let start = Monotonic.now
            var browser = SignIn(port: server.port)
            let email = SeedNames.email(people[signedIn].number)
            guard let request = browser.page(after: try conversation.ask(browser.start(address))),
                let post = browser.post(into: try conversation.ask(request), email: email)
            else { throw BenchFailure("there is no sign-in page") }
            let answer = try conversation.ask(post)
            guard SignIn.isDone(answer) else { throw BenchFailure("the sign-in of \(email): \(answer.excerpt)") }
            latencies.add(Monotonic.now - start)
            signedIn += 1
        }
        note(.passwordSignIn, latencies)
    }

    private func note(_ kind: GrowthKind, _ latencies: Latencies) {
        measured[kind, default: Measured()].add(latencies)
    }
}

/// What is timed on both.
enum GrowthKind: String, CaseIterable {
    case sessionSignOn = "sign-on, session"
    case code = "code redemption"
    case refresh = "refresh"
    case passwordSignIn = "sign-in, password"

    var metric: MetricName {
        switch self {
        case .sessionSignOn: .signOnGrowth
        case .code: .codeGrowth
        case .refresh: .refreshGrowth
        case .passwordSignIn: .signInGrowth
        }
    }
}
