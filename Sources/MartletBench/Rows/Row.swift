/// One line of the performance budget.
struct Row: Sendable {
    let name: String
    let title: String
    let run: @Sendable (Bench, inout RowReport) throws -> Void

    /// In the order in which they run.
    static let all: [Row] = [
        Row("plain", "preflight of /token: router, response, access log", PublishedRows.plain),
        Row("keys", "the key set", PublishedRows.keys),
        Row("keys-304", "the key set, held already", PublishedRows.keysHeld),
        Row("discovery", "the discovery document", PublishedRows.discovery),
        Row("client-credentials", "ES256 access tokens for a machine", TokenRows.clientCredentials),
        Row("code", "code redemption: access and refresh token", TokenRows.code),
        Row("code-openid", "code redemption: access, refresh and ID token", TokenRows.codeWithIDToken),
        Row("refresh", "refresh: access and refresh token", TokenRows.refresh),
        Row("refresh-openid", "refresh: access, refresh and ID token", TokenRows.refreshWithIDToken),
        Row("userinfo", "userinfo with access tokens seen before", TokenRows.userInfo),
        Row("password", "password sign-in, while others want tokens and keys", PasswordRow.run),
        Row("memory", "resident memory: idle, idle connections, growth under load", MemoryRow.run),
        Row("start", "start to first answer on an existing database", StartRow.run),
        Row("size", "size of the program", SizeRow.run),
    ]

    private init(_ name: String, _ title: String, _ run: @escaping @Sendable (Bench, inout RowReport) throws -> Void) {
        self.name = name
        self.title = title
        self.run = run
    }
}
