import OAuthTypes
import Stores

/// Authorization codes.
struct CodeTable<Database: SQLDatabase>: AuthorizationCodeStore {
    let database: Database

    func issue(_ code: AuthorizationCode, under grant: Grant) async throws {
        _ = try await database.write([
            .insert(grant),
            Command(
                """
                INSERT INTO codes (digest, grant_id, client_id, redirect_uri, code_challenge, nonce, issued_at,
                    expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    .digest(code.digest), .id(code.grantID), .id(code.clientID), .text(code.redirectURI),
                    .text(code.codeChallenge.rawValue), .text(code.nonce), .time(code.issuedAt), .time(code.expiresAt),
                ]
            ),
        ])
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> AuthorizationCode? {
        try await database.read(
            """
            SELECT digest, grant_id, client_id, redirect_uri, code_challenge, nonce, issued_at, expires_at
            FROM codes WHERE digest = $1 AND expires_at > $2
            """,
            [.digest(digest), .time(now)]
        ).first.map(AuthorizationCode.init(row:))
    }

    func redeem(_ digest: TokenDigest, at now: Timestamp) async throws -> Redemption {
        let spent = try await database.write(
            """
            UPDATE codes SET redeemed_at = $2
            WHERE digest = $1 AND redeemed_at IS NULL AND expires_at > $2 AND EXISTS
                (SELECT 1 FROM grants g WHERE g.id = codes.grant_id AND g.revoked_at IS NULL AND g.expires_at > $2)
            RETURNING digest, grant_id, client_id, redirect_uri, code_challenge, nonce, issued_at, expires_at
            """,
            [.digest(digest), .time(now)]
        )
        if let row = spent.first { return .fresh(try AuthorizationCode(row: row)) }
        let earlier = try await database.read(
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
        try await database.write(
            """
            DELETE FROM codes WHERE digest IN
                (SELECT digest FROM codes WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            RETURNING 1
            """,
            [.time(now), .integer(Int64(max(0, limit)))]
        ).count
    }
}

extension AuthorizationCode {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "codes")
        let digest = try reader.digest("digest")
        let grantID: GrantID = try reader.id("grant_id")
        let clientID = try reader.clientID("client_id")
        let redirectURI = try reader.text("redirect_uri")
        guard let challenge = CodeChallenge(try reader.text("code_challenge")) else {
            throw reader.damaged("code_challenge")
        }
        self.init(
            digest: digest,
            grantID: grantID,
            clientID: clientID,
            redirectURI: redirectURI,
            codeChallenge: challenge,
            nonce: try reader.optionalText("nonce"),
            issuedAt: try reader.time("issued_at"),
            expiresAt: try reader.time("expires_at")
        )
    }
}
