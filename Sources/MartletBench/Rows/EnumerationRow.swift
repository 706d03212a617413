/// How long a wrong password takes at an address that has an account, that has none, and whose account is closed: nobody
/// shall learn by time which of them it is.
///
/// Asked in turn over one connection, so that what disturbs the machine disturbs all three.
enum EnumerationRow {
    private static let kinds = [Installation.email, "nobody@example.com", "closed@example.com"]

    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        let subject = try bench.makeSubject(named: "enumeration")
        defer { subject.server.stop() }
        try subject.server.installation.addClosedPerson(kinds[2])
        let port = subject.server.port
        let address = AuthorizationAddress(scope: Preparation.openIDScope, client: subject.application)
        let conversation = try Conversation(port: port)
        var browser = SignIn(port: port)
        guard let request = browser.page(after: try conversation.ask(browser.start(address))) else {
            throw BenchFailure("/authorize leads to no page")
        }
        let page = try conversation.ask(request)
        let posts = try kinds.map { email in
            guard let post = browser.post(into: page, email: email, password: "not the password of anybody") else {
                throw BenchFailure("the sign-in page: \(page.excerpt)")
            }
            return post
        }
        var times = kinds.map { _ in [Double]() }
        var lengths = Set<Int>()
        let before = ProcessorTime(of: subject.server.process.id)
        for round in 0...(bench.options.isQuick ? 12 : 60) {
            // Each kind is the first as often as the others.
            for place in kinds.indices {
                let kind = (place + round) % kinds.count
                let start = Monotonic.now
                let answer = try conversation.ask(posts[kind])
                let time = Monotonic.seconds(since: start)
                guard answer.status == 403 else { throw BenchFailure("\(kinds[kind]): \(answer.excerpt)") }
                // The address is on the page.
                lengths.insert(answer.body.count - kinds[kind].utf8.count)
                if round > 0 { times[kind].append(time) }
            }
        }
        guard lengths.count == 1 else { throw BenchFailure("the answers differ in length: \(lengths.sorted())") }
        report.others = ProcessorTime(of: subject.server.process.id).shares(since: before).others
        let medians = times.map { Figure($0, .seconds).median }
        report.add(.server, Figure(times[0], .seconds), "a wrong password at an account")
        for (name, median) in [(MetricName.unknownRatio, medians[1]), (.closedRatio, medians[2])] {
            report.add(name, Figure([max(median / medians[0], medians[0] / median)], .ratio))
        }
        report.notes.append(
            "ratios              of medians over \(times[0].count) attempts each, the longer to the shorter")
    }
}
