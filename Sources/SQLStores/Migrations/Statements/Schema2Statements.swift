extension RecordedStatements {
    static let schema2 = RecordedStatements(
        schema: 2, after: .schema1,
        without: [
            """
            DELETE FROM codes WHERE digest IN
                (SELECT digest FROM codes WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            RETURNING 1
            """,
            """
            DELETE FROM grants WHERE id IN
                (SELECT id FROM grants WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            RETURNING 1
            """,
            """
            DELETE FROM interactions WHERE digest IN
                (SELECT digest FROM interactions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            RETURNING 1
            """,
            """
            DELETE FROM sessions WHERE digest IN
                (SELECT digest FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            RETURNING 1
            """,
            """
            INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, COALESCE($15,
                (SELECT $9 FROM users WHERE id = $3 AND (disabled_at IS NOT NULL OR signed_out_at > $7))))
            """,
            """
            SELECT digest, grant_id, client_id, redirect_uri, code_challenge, nonce, issued_at, expires_at
            FROM codes WHERE digest = $1 AND expires_at > $2
            """,
            """
            SELECT number, name, checksum FROM schema_migrations ORDER BY number
            """,
            """
            UPDATE codes SET redeemed_at = $2
            WHERE digest = $1 AND redeemed_at IS NULL AND expires_at > $2 AND EXISTS
                (SELECT 1 FROM grants g WHERE g.id = codes.grant_id AND g.revoked_at IS NULL AND g.expires_at > $2)
            RETURNING digest, grant_id, client_id, redirect_uri, code_challenge, nonce, issued_at, expires_at
            """,
            """
            UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = $5
            WHERE id = $1 AND generation = $2 AND revoked_at IS NULL AND idle_expires_at > $3 AND expires_at > $3
            RETURNING id, client_id, user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at,
                generation, rotated_at, request, idle_expires_at, revoked_at
            """,
            """
            UPDATE versions SET value = value + 1
            WHERE name = 'configuration' AND NOT EXISTS (SELECT 1 FROM signing_keys) RETURNING value
            """,
        ],
        and: [
            RecordedStatement(
                "iii",
                """
                DELETE FROM codes WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM codes WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM grants WHERE id IN
                    (SELECT id FROM
                        (SELECT id FROM grants WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM interactions WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM interactions WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM sessions WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM sessions WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "tttttiitiiiibii",
                """
                INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                    methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, COALESCE($15,
                    (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                        FROM users WHERE id = $3 /*! FOR SHARE */)))
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM signing_keys)
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.nonce, c.issued_at, c.expires_at,
                    g.client_id, g.user_id, g.session_id, g.scopes, g.authenticated_at, g.methods, g.created_at,
                    g.expires_at, g.generation, g.rotated_at, g.request, g.idle_expires_at, g.revoked_at
                FROM codes c JOIN grants g ON g.id = c.grant_id
                WHERE c.digest = $1 AND c.expires_at > $2 AND g.expires_at > $2
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT number, name, checksum, 1 FROM schema_migrations ORDER BY number
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT number, name, checksum, compatible_from FROM schema_migrations ORDER BY number
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT u.id, u.email, u.is_email_verified, u.name, NULL, u.created_at, u.updated_at, u.disabled_at
                FROM grants g JOIN users u ON u.id = g.user_id
                WHERE g.id = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL AND u.disabled_at IS NULL
                """
            ),
            RecordedStatement(
                "bi",
                """
                UPDATE codes SET redeemed_at = $2
                WHERE digest = $1 AND redeemed_at IS NULL AND expires_at > $2 AND EXISTS
                    (SELECT 1 FROM grants g WHERE g.id = codes.grant_id AND g.revoked_at IS NULL AND g.expires_at > $2)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "tiibit",
                """
                UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = $5
                WHERE id = $1 AND generation = $2 AND client_id = $6 AND revoked_at IS NULL AND idle_expires_at > $3
                    AND expires_at > $3
                RETURNING user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at
                """
            ),
        ]
    )
}
