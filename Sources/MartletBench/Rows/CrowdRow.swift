/// A hundred attempts to sign in, ten sign-ups and fifty refreshes a second at once, each person from an address of their
/// own; and before that, how long a sign-in takes at four fifths of what can be hashed.
enum CrowdRow {
    /// What a person's attempt is: one in four mistypes the address.
    private static let attempts = 100.0
    private static let signUps = 10.0
    private static let refreshes = 50.0
    /// The least cost of a hash that the server takes.
    private static let cheapest = "argon2id:m=19456,t=2,p=1"
    /// More than are ever waited for: whoever finds no room is refused at once.
    private static let connections = 128

    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try SignInStage.run(bench, "share") { server, _, application in
            try measureShare(bench, server, application, &report)
        }
        let cheap = [
            "MARTLET_PASSWORD_HASH=\(cheapest)", "MARTLET_PASSWORD_WORKERS=\(bench.processors.allowed.count)",
            "MARTLET_SIGN_UP=open", "MARTLET_TRUSTED_PROXIES=127.0.0.0/8",
            // Nobody listens there: the mails of sign-ups stay in the outbox.
            "MARTLET_MAIL_SERVER=smtp://127.0.0.1:9", "MARTLET_MAIL_FROM=bench@id.example",
        ]
        try SignInStage.run(bench, "crowd", cheap) { server, _, application in
            try measureCrowd(bench, server, application, &report)
        }
    }

    // MARK: At four fifths

    private static func measureShare(
        _ bench: Bench, _ server: TestedServer, _ application: Installation.Client, _ report: inout RowReport
    ) throws {
        let address = AuthorizationAddress(scope: Preparation.openIDScope, client: application)
        let workers = server.installation.passwordWorkers
        let work = SignInWorkload(address, port: server.port, connections: workers + 3)
        var load = try LoadGenerator(work, port: server.port, connections: workers + 3)
        _ = try load.run(seconds: bench.warmUpSeconds)
        let most = try load.run(seconds: bench.options.isQuick ? 3 : 10).perSecond
        let before = ProcessorTime(of: server.process.id)
        let crowd = try Crowd(
            signIn(address, port: server.port), perSecond: 0.8 * most, seconds: bench.options.isQuick ? 10 : 60,
            seed: 8, connections: 64, port: server.port)
        let (served, refused) = try crowd.wait()
        report.others = ProcessorTime(of: server.process.id).shares(since: before).others
        report.add(.server, Figure([most], .perSecond), "sign-ins at most, Argon2id as by default")
        report.add(
            .signInLatency, Figure([served.milliseconds(at: 0.95) / 1000], .seconds),
            "at four fifths of that, people coming at random: \(served.summary), \(refused.count) refused")
    }

    // MARK: All at once

    private static func measureCrowd(
        _ bench: Bench, _ server: TestedServer, _ application: Installation.Client, _ report: inout RowReport
    ) throws {
        let (port, seconds) = (server.port, bench.options.isQuick ? 5.0 : 30)
        let address = AuthorizationAddress(scope: Preparation.openIDScope, client: application)
        let subject = Bench.Subject(server: server, machine: application, application: application)
        let families = try Preparation(bench, scope: Preparation.plainScope, subject: subject)
            .families(Int(refreshes * seconds) + 64)
        let tokens = families.refreshTokens
        let reference = try PasswordReference(
            database: server.installation.databasePath, email: Installation.email, password: Installation.password)
        let alone = try reference.perSecond(workers: bench.processors.allowed.count, seconds: 2)

        let signingIn = try Crowd(
            signIn(address, port: port), perSecond: attempts, seconds: seconds, seed: 1, connections: connections,
            port: port)
        let signingUp = try Crowd(
            signUp(port: port), perSecond: signUps, seconds: seconds, seed: 2, connections: 32, port: port)
        let refreshing = try Crowd(
            refresh(tokens, application, port: port), perSecond: refreshes, seconds: seconds, seed: 3, connections: 32,
            port: port)
        let (signedIn, refusedIn) = try signingIn.wait()
        let (signedUp, refusedUp) = try signingUp.wait()
        let (refreshed, refusedRefreshes) = try refreshing.wait()
        guard signedIn.count > 0, signedUp.count > 0, refreshed.count > 0 else {
            throw BenchFailure("nobody was served")
        }
        report.add(
            .served, Figure([Double(signedIn.count) / seconds], .perSecond),
            "of \(Format.value(attempts, .perSecond)) attempts at \(reference.cost); Argon2id alone "
                + "\(Format.value(alone, .perSecond))")
        report.add(
            .signUpShare, Figure([Double(signedUp.count) / Double(signedUp.count + refusedUp.count)], .ratio),
            "of \(Format.value(signUps, .perSecond)) that were taken: \(signedUp.summary)")
        report.add(
            .refreshLatency, Figure([refreshed.milliseconds(at: 0.99) / 1000], .seconds),
            "\(Format.value(refreshes, .perSecond)): \(refreshed.summary), \(refusedRefreshes.count) refused")
        report.notes += [
            "attempts            \(signedIn.summary)",
            "refused             \(refusedIn.count) attempts (\(refusedIn.summary)), \(refusedUp.count) sign-ups",
            "latency             from the moment a person wanted to be served; each from a network of their own",
        ]
    }

    // MARK: What people do

    private static func signIn(_ address: AuthorizationAddress, port: UInt16) -> Crowd.Visit {
        Crowd.Visit { place, conversation in
            var browser = SignIn(port: port, from: network(1, place))
            guard let page = browser.page(after: try conversation.ask(browser.start(address))),
                let post = browser.post(
                    into: try conversation.ask(page),
                    email: isMistyped(place) ? "nobody-\(place)@id.example" : Installation.email)
            else { throw BenchFailure("there is no sign-in page") }
            return post
        } isServed: { place, answer in
            if try isRefusal(answer) { return false }
            guard isMistyped(place) ? answer.status == 403 : SignIn.isDone(answer) else {
                throw BenchFailure("the sign-in: \(answer.excerpt)")
            }
            return true
        }
    }

    private static func isMistyped(_ place: Int) -> Bool { place % 4 == 3 }

    private static func signUp(port: UInt16) -> Crowd.Visit {
        Crowd.Visit { place, conversation in
            let field = network(2, place)
            let page = try conversation.ask(RequestText.get("/sign-up", port: port, [field]))
            guard page.status == 200, let token = page.text(after: "name=\"csrf\" value=\"", until: "\"") else {
                throw BenchFailure("the sign-up page: \(page.excerpt)")
            }
            let cookies = page.fields("Set-Cookie").map { $0.prefix { $0 != ";" } }.joined(separator: "; ")
            let form = Form.encode([
                ("csrf", token), ("interaction", ""), ("name", "Newcomer \(place)"),
                ("email", "newcomer-\(place)@id.example"), ("password", "violet \(place) harbour trombone"),
            ])
            return RequestText.post("/sign-up", form: form, port: port, [field, "Cookie: " + cookies])
        } isServed: { _, answer in
            if try isRefusal(answer) { return false }
            guard answer.status == 303, answer.field("Location")?.contains("/sign-up/waiting/") == true else {
                throw BenchFailure("the sign-up: \(answer.excerpt)")
            }
            return true
        }
    }

    private static func refresh(_ tokens: TokenTable, _ client: Installation.Client, port: UInt16) -> Crowd.Visit {
        Crowd.Visit { place, _ in
            let form = Form.encode([
                ("grant_type", "refresh_token"), ("refresh_token", tokens.text(place % tokens.count)),
            ])
            return RequestText.post("/token", form: form, port: port, [client.proof, network(3, place)])
        } isServed: { _, answer in
            if try isRefusal(answer) { return false }
            guard answer.status == 200 else { throw BenchFailure("the refresh: \(answer.excerpt)") }
            return true
        }
    }

    private static func isRefusal(_ answer: Reply) throws -> Bool {
        guard answer.status == 503 || answer.status == 429 else { return false }
        guard answer.field("Retry-After") != nil else {
            throw BenchFailure("a refusal that does not say when to try again: \(answer.excerpt)")
        }
        return true
    }

    /// Another /24 for each.
    private static func network(_ kind: Int, _ place: Int) -> String {
        "X-Forwarded-For: 10.\(kind * 64 + place >> 8 & 63).\(place & 255).7"
    }
}
