/// One line of the performance budget.
struct Row: Sendable {
    let name: String
    let title: String
    /// What it takes, where that is much: such a row runs only when it is named.
    let needs: String?
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
        Row("introspect", "introspection of access tokens seen before", TokenRows.introspect),
        Row("password", "password sign-in, while others want tokens and keys", PasswordRow.run),
        Row("jose", "tokens signed, verified and encrypted, against libcrypto alone", JOSERow.run),
        Row("verifier", "access tokens that a service verifies on one core", VerifierRow.run),
        Row("memory", "resident memory: idle, idle connections, growth under load", MemoryRow.run),
        Row("start", "start to first answer on an existing database", StartRow.run),
        Row("size", "size of the program", SizeRow.run),
        Row("overload", "twice the load that it can carry: refresh", needs: "1 min", OverloadRow.refresh),
        Row(
            "overload-machine", "twice the load that it can carry: client credentials", needs: "1 min",
            OverloadRow.clientCredentials),
        Row(
            "sign-in-flood", "a flood of sign-ins, while others want tokens and keys", needs: "20 s", FloodRow.run),
        Row(
            "handshake-flood", "a flood of TLS handshakes, while others want tokens and keys", needs: "20 s",
            HandshakeFloodRow.run),
        Row(
            "crowd", "sign-ins at random, then with sign-ups and refreshes beside them", needs: "2 min", CrowdRow.run),
        Row(
            "password-costs", "cores for 200 sign-ins a second at each cost of a hash", needs: "30 s",
            PasswordCostRow.run),
        Row(
            "enumeration", "a wrong password at an account, at none, and at a closed one", needs: "40 s",
            EnumerationRow.run),
        Row("idle-connections", "10,000 connections that wait", needs: "10,200 descriptors", IdleRow.run),
        Row(
            "allocations", "heap allocations and processor time of one request",
            needs: "5 s, the library that counts", AllocationRow.run),
        Row(
            "code-postgresql", "code redemption on PostgreSQL against pgbench",
            needs: "4 min, 2 GB of disk, PostgreSQL",
            PostgreSQLRows.code),
        Row(
            "refresh-postgresql", "refresh on PostgreSQL against pgbench", needs: "4 min, 2 GB of disk, PostgreSQL",
            PostgreSQLRows.refresh),
        Row(
            "growth-sqlite", "p99 with a hundred times the people, SQLite",
            needs: "8 min, 7 GB of memory, 6 GB of disk", GrowthRow.sqlite),
        Row(
            "growth-postgresql", "p99 with a hundred times the people, PostgreSQL",
            needs: "10 min, 3 GB of memory, 14 GB of disk, PostgreSQL", GrowthRow.postgresql),
        Row(
            "sweep-sqlite", "refresh while 1,000,000 expired rows leave SQLite", needs: "5 min, 1 GB of disk",
            SweepRow.sqlite),
        Row(
            "sweep-postgresql", "refresh while 1,000,000 expired rows leave PostgreSQL",
            needs: "5 min, 3 GB of disk, PostgreSQL", SweepRow.postgresql),
    ]

    private init(
        _ name: String, _ title: String, needs: String? = nil,
        _ run: @escaping @Sendable (Bench, inout RowReport) throws -> Void
    ) {
        self.name = name
        self.title = title
        self.needs = needs
        self.run = run
    }
}
