/// Redeems codes, each once, and keeps the tokens that come of it.
struct RedeemWorkload: Workload {
    let depth = 1
    private(set) var refreshTokens = TokenTable()
    private(set) var accessTokens = TokenTable()
    private let codes: TokenTable
    private let template: RequestTemplate
    private let expectsIDToken: Bool
    private var next = 0

    init(
        _ codes: TokenTable, expectsIDToken: Bool, client: Installation.Client, port: UInt16, connections: Int
    ) throws {
        self.codes = codes
        self.expectsIDToken = expectsIDToken
        template = try RequestTemplate(connections: connections, gap: codes.length) { code in
            RequestText.post(
                "/token", form: AuthorizationAddress.redemption(code: code), port: port, [client.proof])
        }
    }

    /// Whether there are codes that were not redeemed yet.
    var hasMore: Bool { next < codes.count }

    mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
        guard next < codes.count else { return nil }
        next += 1
        return template.filled(with: next - 1, of: codes, for: connection)
    }

    mutating func take(_ answer: Answer, on connection: Int) -> Verdict {
        guard let tokens = IssuedTokens(answer, expectsIDToken: expectsIDToken),
            refreshTokens.append(tokens.refreshToken), accessTokens.append(tokens.accessToken)
        else { return .wrong }
        return .counts
    }
}

/// The tokens in an answer of the token endpoint.
struct IssuedTokens {
    let accessToken: UnsafeRawBufferPointer
    let refreshToken: UnsafeRawBufferPointer

    /// Nil unless the answer is a success with all the tokens that were asked for, and no other.
    init?(_ answer: Answer, expectsIDToken: Bool) {
        let quote = UInt8(ascii: "\"")
        guard answer.status == 200, let access = answer.body.value(after: "\"access_token\":\"", until: quote),
            let refresh = answer.body.value(after: "\"refresh_token\":\"", until: quote),
            (answer.body.value(after: "\"id_token\":\"", until: quote) != nil) == expectsIDToken
        else { return nil }
        accessToken = access
        refreshToken = refresh
    }
}
