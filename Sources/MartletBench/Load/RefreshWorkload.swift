/// Refreshes many families of tokens in turn, each with the token that its last refresh brought.
struct RefreshWorkload: Workload {
    let depth = 1
    private var families: TokenTable
    private let template: RequestTemplate
    private let expectsIDToken: Bool
    private let connections: Int
    /// The family that each connection works on: its own number, and that plus a multiple of `connections`.
    private var current: [Int]

    init(
        _ families: TokenTable, expectsIDToken: Bool, client: Installation.Client, port: UInt16, connections: Int
    ) throws {
        guard families.count >= connections else { throw BenchFailure("fewer families than connections") }
        self.families = families
        self.expectsIDToken = expectsIDToken
        self.connections = connections
        current = (0..<connections).map { $0 - connections }
        template = try RequestTemplate(connections: connections, gap: families.length) { token in
            let form = Form.encode([("grant_type", "refresh_token"), ("refresh_token", token)])
            return RequestText.post("/token", form: form, port: port, [client.proof])
        }
    }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        let next = current[connection] + connections
        current[connection] = next < families.count ? next : connection
        return template.filled(with: current[connection], of: families, for: connection)
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict {
        guard let tokens = IssuedTokens(answer, expectsIDToken: expectsIDToken),
            families.replace(current[connection], by: tokens.refreshToken)
        else { return .wrong }
        return .counts
    }
}
