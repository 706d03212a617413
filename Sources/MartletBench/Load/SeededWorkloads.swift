/// Refreshes seeded families, each in its turn, over a part of all that lies everywhere in every index.
struct FamilyWorkload: Workload {
    let depth = 1
    private let plan: SeedPlan
    private let walk: Walk
    private let tokens: SeededTokens
    private let templates: [RequestTemplate]
    private var next = 0

    /// Refreshes the families of a range.
    init(_ plan: SeedPlan, _ range: Range<Int>, tokens: SeededTokens, port: UInt16, connections: Int) throws {
        self.plan = plan
        self.tokens = tokens
        walk = Walk(range)
        templates = try (0..<plan.clients).map { number in
            try RequestTemplate(connections: connections, gap: SeededTokens.length) { token in
                FamilyWorkload.request(token, of: SeedNames.client(number), port: port)
            }
        }
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        let (number, round) = walk[next]
        next += 1
        return templates[plan.client(ofGrant: number)].filled(
            with: tokens.token(number, generation: round), for: connection)
    }

    func take(_ answer: Answer, on connection: Int) -> Verdict {
        IssuedTokens(answer, expectsIDToken: false) == nil ? .wrong : .counts
    }

    /// What refreshes with a token.
    static func request(_ token: String, of client: Installation.Client, port: UInt16) -> [UInt8] {
        let form = Form.encode([("grant_type", "refresh_token"), ("refresh_token", token)])
        return RequestText.post("/token", form: form, port: port, [client.proof])
    }
}

/// Asks for codes as people who have signed in, each with a session of their own; no page is shown.
struct SessionWorkload: Workload {
    let depth = 1
    private(set) var codes = TokenTable()
    private let walk: Walk
    private let template: RequestTemplate
    private var next = 0

    /// Takes turns among all people of a plan.
    init(_ plan: SeedPlan, port: UInt16, connections: Int) throws {
        walk = Walk(0..<plan.people)
        let address = AuthorizationAddress(scope: SeedPlan.scope, client: SeedNames.client(0))
        template = try RequestTemplate(connections: connections, gap: 43) { secret in
            RequestText.get(address.target, port: port, ["Cookie: martlet-session=\(secret)"])
        }
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        next += 1
        return template.filled(with: SeedNames.sessionSecret(walk[next - 1].number), for: connection)
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict {
        guard answer.status == 303, let code = answer.head.value(after: "?code=", until: UInt8(ascii: "&")),
            codes.append(code)
        else { return .wrong }
        return .counts
    }

    /// The codes so far, which are then no longer kept.
    mutating func takeCodes() -> TokenTable {
        defer { codes = TokenTable() }
        return codes
    }
}

/// Numbers of a range in an order without locality: each once, then all of them again.
struct Walk {
    let range: Range<Int>
    /// A step that shares no factor with the length, so that it meets every number.
    let step: Int

    init(_ range: Range<Int>) {
        self.range = range
        var step = range.count * 618 / 1000 | 1
        func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
        while divisor(step, range.count) != 1 { step += 2 }
        self.step = step
    }

    /// The number at a place, and how many times all were met before.
    subscript(place: Int) -> (number: Int, round: Int) {
        let (round, rest) = place.quotientAndRemainder(dividingBy: range.count)
        return (range.lowerBound + rest * step % range.count, round)
    }
}
