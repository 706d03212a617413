import OAuthTypes
import Stores

/// Authorization codes.
struct CodeTable<Database: SQLDatabase>: AuthorizationCodeStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func issue(_ code: AuthorizationCode, under grant: Grant, in participation: Participation?) async throws {
        _ = try await database.write(
            .issueCode,
            [
                .insert(grant),
                Command(
                    """
                    INSERT INTO codes (digest, grant_id, client_id, redirect_uri, code_challenge, nonce, issued_at,
                        expires_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                    """,
                    [
                        .digest(code.digest), .id(code.grantID), .id(code.clientID), .text(code.redirectURI),
                        .text(code.codeChallenge?.rawValue ?? ""), .text(code.nonce), .time(code.issuedAt),
                        .time(code.expiresAt),
                    ]
                ),
            ] + (participation.map { [.begin($0)] } ?? []))
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> IssuedCode? {
        try await database.read(
            .findCode,
            """
            SELECT c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.nonce, c.issued_at, c.expires_at,
                g.client_id, g.user_id, g.session_id, g.scopes, g.authenticated_at, g.methods, g.created_at,
                g.expires_at, g.generation, g.rotated_at, g.request, g.idle_expires_at, g.revoked_at, g.claims
            FROM codes c JOIN grants g ON g.id = c.grant_id
            WHERE c.digest = $1 AND c.expires_at > $2 AND g.expires_at > $2
            """,
            [.digest(digest), .time(now)]
        ).first.map { row throws(StorageError) in try IssuedCode(row: row, digest: digest) }
    }

    func redeem(_ digest: TokenDigest, at now: Timestamp) async throws -> Redemption {
        let spent = try await database.write(
            .redeemCode,
            """
            UPDATE codes SET redeemed_at = $2
            WHERE digest = $1 AND redeemed_at IS NULL AND expires_at > $2 AND EXISTS
                (SELECT 1 FROM grants g WHERE g.id = codes.grant_id AND g.revoked_at IS NULL AND g.expires_at > $2)
            RETURNING 1
            """,
            [.digest(digest), .time(now)]
        )
        guard spent.isEmpty else { return .fresh }
        let earlier = try await database.read(
            .findReplay,
            """
            SELECT c.grant_id FROM codes c JOIN grants g ON g.id = c.grant_id
            WHERE c.digest = $1 AND c.redeemed_at IS NOT NULL AND c.expires_at > $2
                AND g.revoked_at IS NULL AND g.expires_at > $2
            """,
            [.digest(digest), .time(now)]
        )
        guard let row = earlier.first else { return .unknown }
        var reader = RowReader(row, of: "codes")
        return .replayed(try reader.id("grant_id"))
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepCodes,
            """
            DELETE FROM codes WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM codes WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension IssuedCode {
    /// The columns of the code but its digest, then those of its grant but its identifier.
    init(row: Row, digest: TokenDigest) throws(StorageError) {
        var reader = RowReader(row, of: "codes")
        let grantID: GrantID = try reader.id("grant_id")
        let clientID = try reader.clientID("client_id")
        let redirectURI = try reader.text("redirect_uri")
        // The column is older than codes without one.
        let text = try reader.text("code_challenge")
        let challenge = CodeChallenge(text)
        guard challenge != nil || text.isEmpty else { throw reader.damaged("code_challenge") }
        let code = AuthorizationCode(
            digest: digest,
            grantID: grantID,
            clientID: clientID,
            redirectURI: redirectURI,
            codeChallenge: challenge,
            nonce: try reader.optionalText("nonce"),
            issuedAt: try reader.time("issued_at"),
            expiresAt: try reader.time("expires_at")
        )
        reader.go(to: "grants")
        let grant = try Grant(id: grantID, rest: &reader)
        self.init(code: code, grant: grant)
    }
}
