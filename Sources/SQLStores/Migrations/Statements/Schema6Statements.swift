extension RecordedStatements {
    static let schema6 = RecordedStatements(
        schema: 6, after: .schema5,
        without: [
            """
            DELETE FROM first_factors WHERE place = $1 AND proven_at = $2 AND expires_at > $3 RETURNING 1
            """,
            """
            DELETE FROM sessions WHERE digest = $1 AND expires_at > $2
            RETURNING digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                network, expires_at
            """,
            """
            INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                network, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            """
            SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                s.network, s.expires_at
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.digest = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
            """,
            """
            SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                s.network, s.expires_at
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.user_id = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
            ORDER BY COALESCE(s.last_used_at, s.authenticated_at) DESC, s.id LIMIT 100
            """,
            """
            DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2
            """,
            """
            DELETE FROM totp_keys WHERE user_id = $1 AND (confirmed_at IS NULL OR created_at >= $2)
            """,
            """
            INSERT INTO first_factors (place, browser, user_id, proven_at, expires_at, methods)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (place) DO UPDATE SET
                browser = excluded.browser, user_id = excluded.user_id, proven_at = excluded.proven_at,
                expires_at = excluded.expires_at, methods = excluded.methods
            """,
            """
            INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                last_used_at)
            SELECT $1, $2, $3, $4, $5, $6, $7
            WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = $3)
                AND NOT EXISTS (SELECT 1 FROM users WHERE email = $8)
            ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
            """,
            """
            INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                last_used_at)
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS (SELECT 1 FROM users WHERE id = $3)
                AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $3 AND f.expires_at > $6)
            ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
            """,
            """
            INSERT INTO opaque_tokens (digest, client_id, grant_id, claims, expires_at) VALUES ($1, $2, $3, $4, $5)
            """,
            """
            SELECT client_id FROM
                (SELECT client_id, due_at FROM participations WHERE due_at <= $1 ORDER BY due_at LIMIT 5000) AS due
            GROUP BY client_id ORDER BY MIN(due_at), client_id LIMIT 200
            """,
            """
            SELECT f.place, f.browser, f.user_id, f.methods, f.proven_at, f.expires_at
            FROM first_factors f JOIN users u ON u.id = f.user_id
            WHERE f.place = $1 AND f.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR f.proven_at >= u.signed_out_at)
            """,
            """
            UPDATE connectors SET preset = $2, name = $3, settings = $4, sealed_secret = $5, position = $6,
                updated_at = $7, disabled_at = $8
            WHERE id = $1 RETURNING id
            """,
            """
            UPDATE sessions SET digest = $1, authenticated_at = $4, methods = $5, started_at = $6,
                last_used_at = $7, device = $8, network = $9, expires_at = $10
            WHERE digest = $11 AND expires_at > $12 AND id = $2 AND user_id = $3 RETURNING 1
            """,
        ],
        and: [
            RecordedStatement(
                "bii",
                """
                DELETE FROM first_factors WHERE place = $1 AND proven_at = $2 AND expires_at > $3
                    AND (identity IS NULL
                        OR EXISTS (SELECT 1 FROM pending_identities p JOIN connectors c ON c.id = p.connector_id
                            WHERE p.digest = first_factors.identity AND p.expires_at > $3 AND c.disabled_at IS NULL))
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM linked_identities WHERE connector_id = $1
                    AND subject IN (SELECT subject FROM linked_identities WHERE connector_id = $1 LIMIT 500)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM linked_identities WHERE user_id = $1 AND is_founding = 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM memberships WHERE source = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM memberships WHERE source = $1
                    AND user_id IN (SELECT user_id FROM memberships WHERE source = $1 LIMIT 500)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM memberships WHERE user_id = $1 AND source <> ''
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM memberships WHERE user_id = $1 AND source IN
                    (SELECT connector_id FROM linked_identities WHERE user_id = $1 AND is_founding = 1)
                """
            ),
            RecordedStatement(
                "tiii",
                """
                DELETE FROM passkeys WHERE user_id = $1 AND created_at >= COALESCE(
                    (SELECT MIN(r.created_at) FROM recourses r WHERE r.user_id = $1 AND r.created_at < $2
                        AND r.expires_at > $3 AND r.purpose <> 'keep_account'), $2) - $4
                """
            ),
            RecordedStatement(
                "tti",
                """
                DELETE FROM pending_identities
                WHERE connector_id = $1 AND provider_session = $2 AND created_at <= $3 RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM pending_identities WHERE connector_id = $1
                """
            ),
            RecordedStatement(
                "tti",
                """
                DELETE FROM pending_identities WHERE connector_id = $1 AND subject = $2 AND created_at <= $3
                RETURNING 1
                """
            ),
            RecordedStatement(
                "bi",
                """
                DELETE FROM pending_identities WHERE digest = $1 AND expires_at > $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM pending_identities WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM pending_identities WHERE expires_at BETWEEN $3 AND $1
                            ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM pending_identities WHERE digest IN
                    (SELECT digest FROM pending_identities WHERE connector_id = $1 LIMIT 500)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM pending_identities WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tt",
                """
                DELETE FROM pending_identities WHERE user_id = $1 AND connector_id = $2
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM profile_sources WHERE source = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM profile_sources WHERE source = $1
                    AND user_id IN (SELECT user_id FROM profile_sources WHERE source = $1 LIMIT 500)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM profile_sources WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM profile_sources WHERE user_id = $1 AND source <> ''
                """
            ),
            RecordedStatement(
                "tt",
                """
                DELETE FROM profile_sources WHERE user_id = $1 AND source = $2
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM profile_sources WHERE user_id = $1 AND source IN
                    (SELECT connector_id FROM linked_identities WHERE user_id = $1 AND is_founding = 1)
                """
            ),
            RecordedStatement(
                "bi",
                """
                DELETE FROM sessions WHERE digest = $1 AND expires_at > $2
                RETURNING digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                    network, expires_at, is_remembered
                """
            ),
            RecordedStatement(
                "tb",
                """
                DELETE FROM sessions WHERE user_id = $1 AND digest <> $2
                """
            ),
            RecordedStatement(
                "tbtt",
                """
                DELETE FROM sessions WHERE user_id = $1 AND digest <> $2
                    AND id IN (SELECT session_id FROM upstream_sessions
                        WHERE user_id = $1 AND connector_id = $3 AND subject = $4)
                """
            ),
            RecordedStatement(
                "tiii",
                """
                DELETE FROM totp_keys WHERE user_id = $1 AND (confirmed_at IS NULL OR created_at >= COALESCE(
                    (SELECT MIN(r.created_at) FROM recourses r WHERE r.user_id = $1 AND r.created_at < $2
                        AND r.expires_at > $3 AND r.purpose <> 'keep_account'), $2) - $4)
                """
            ),
            RecordedStatement(
                "bi",
                """
                DELETE FROM upstream_sessions
                WHERE session_id IN (SELECT id FROM sessions WHERE digest = $1 AND expires_at > $2)
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM upstream_sessions WHERE session_id IN
                    (SELECT session_id FROM upstream_sessions WHERE connector_id = $1 LIMIT 500)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "tb",
                """
                DELETE FROM upstream_sessions WHERE user_id = $1
                    AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $2)
                """
            ),
            RecordedStatement(
                "tbtt",
                """
                DELETE FROM upstream_sessions WHERE user_id = $1 AND connector_id = $3 AND subject = $4
                    AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $2)
                """
            ),
            RecordedStatement(
                "bbtiitb",
                """
                INSERT INTO first_factors (place, browser, user_id, proven_at, expires_at, methods, identity)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (place) DO UPDATE SET
                    browser = excluded.browser, user_id = excluded.user_id, proven_at = excluded.proven_at,
                    expires_at = excluded.expires_at, methods = excluded.methods,
                    identity = excluded.identity
                """
            ),
            RecordedStatement(
                "tttttiii",
                """
                INSERT INTO linked_identities
                    (connector_id, subject, user_id, address, name, linked_at, last_used_at, is_founding)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """
            ),
            RecordedStatement(
                "tttttii",
                """
                INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                    last_used_at)
                SELECT $1, $2, $3, $4, $5, $6, $7
                WHERE EXISTS (SELECT 1 FROM users WHERE id = $3 AND disabled_at IS NULL)
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $3 AND f.expires_at > $6)
                    AND NOT EXISTS (SELECT 1 FROM account_deletions d WHERE d.user_id = $3)
                ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "tttttiit",
                """
                INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                    last_used_at, is_founding)
                SELECT $1, $2, $3, $4, $5, $6, $7, 1
                WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = $3)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE email = $8)
                ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "bttti",
                """
                INSERT INTO opaque_tokens (digest, client_id, grant_id, claims, expires_at)
                SELECT $1, $2, $3, $4, $5
                WHERE EXISTS (SELECT 1 FROM grants WHERE id = $3 AND revoked_at IS NULL /*! FOR KEY SHARE */)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "btnti",
                """
                INSERT INTO opaque_tokens (digest, client_id, grant_id, claims, expires_at) VALUES ($1, $2, $3, $4, $5)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "bbttttbii",
                """
                INSERT INTO pending_identities (digest, browser, connector_id, subject, provider_session, user_id, sealed,
                    created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """
            ),
            RecordedStatement(
                "ttti",
                """
                INSERT INTO profile_sources (user_id, source, told, told_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (user_id, source) DO UPDATE SET told = excluded.told, told_at = excluded.told_at
                """
            ),
            RecordedStatement(
                "bttitiittii",
                """
                INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                    network, expires_at, is_remembered)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT 1 FROM participations WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT COUNT(DISTINCT l.user_id) FROM linked_identities l JOIN users u ON u.id = l.user_id
                WHERE l.connector_id = $1 AND u.disabled_at IS NULL AND u.password_hash IS NULL
                    AND NOT EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = l.user_id)
                    AND NOT EXISTS (SELECT 1 FROM linked_identities o JOIN connectors c ON c.id = o.connector_id
                        WHERE o.user_id = l.user_id AND o.connector_id <> $1 AND c.disabled_at IS NULL)
                """
            ),
            RecordedStatement(
                "tt",
                """
                SELECT connector_id, subject, user_id, address, name, linked_at, last_used_at
                FROM linked_identities WHERE connector_id = $1 AND subject > $2 ORDER BY subject LIMIT 100
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT digest, browser, connector_id, subject, provider_session, user_id, sealed, created_at, expires_at
                FROM pending_identities WHERE digest = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "tti",
                """
                SELECT digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device, network, expires_at,
                    is_remembered
                FROM sessions WHERE user_id = $1 AND id = $2 AND expires_at > $3
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT f.place, f.browser, f.user_id, f.methods, f.proven_at, f.expires_at, f.identity
                FROM first_factors f JOIN users u ON u.id = f.user_id
                WHERE f.place = $1 AND f.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR f.proven_at >= u.signed_out_at)
                    AND (f.identity IS NULL
                        OR EXISTS (SELECT 1 FROM pending_identities p JOIN connectors c ON c.id = p.connector_id
                            WHERE p.digest = f.identity AND p.expires_at > $2 AND c.disabled_at IS NULL))
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT id FROM grants WHERE user_id = $1 ORDER BY id /*! FOR UPDATE */
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                    s.network, s.expires_at, s.is_remembered
                FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.digest = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                    s.network, s.expires_at, s.is_remembered
                FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.user_id = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
                ORDER BY COALESCE(s.last_used_at, s.authenticated_at) DESC, s.id LIMIT 100
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT source, told, told_at FROM profile_sources WHERE user_id = $1 ORDER BY source
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                    u.expires_at
                FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
                WHERE u.connector_id = $1 AND s.expires_at > $2
                ORDER BY u.subject, u.session_id LIMIT 100
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE connectors SET disabled_at = COALESCE(disabled_at, updated_at), updated_at = updated_at + 1
                WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "ttttbiiiibi",
                """
                UPDATE connectors SET preset = $2, name = $3, settings = $4, sealed_secret = $5, position = $6,
                    updated_at = $7, disabled_at = $8
                WHERE id = $1 AND updated_at = $9
                    AND (sealed_secret = $10 OR (sealed_secret IS NULL AND $11 = 1)) RETURNING id
                """
            ),
            RecordedStatement(
                "tibitt",
                """
                UPDATE grants SET revoked_at = $2
                WHERE user_id = $1 AND revoked_at IS NULL
                    AND (session_id IN (SELECT s.id FROM sessions s JOIN upstream_sessions u ON u.session_id = s.id
                            WHERE s.user_id = $1 AND s.digest <> $3 AND u.connector_id = $5 AND u.subject = $6)
                        OR (created_at >= $4 AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1)))
                """
            ),
            RecordedStatement(
                "tibi",
                """
                UPDATE grants SET revoked_at = $2
                WHERE user_id = $1 AND revoked_at IS NULL
                    AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $3)
                    AND (created_at >= $4 OR session_id IN (SELECT id FROM sessions WHERE user_id = $1))
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE linked_identities SET is_founding = 0 WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tiibtt",
                """
                UPDATE participations SET ended_at = $2, due_at = $2, expires_at = $3
                WHERE user_id = $1 AND ended_at IS NULL
                    AND session_id IN (SELECT s.id FROM sessions s JOIN upstream_sessions u ON u.session_id = s.id
                        WHERE s.user_id = $1 AND s.digest <> $4 AND u.connector_id = $5 AND u.subject = $6)
                """
            ),
            RecordedStatement(
                "bttitiittibii",
                """
                UPDATE sessions SET digest = $1, authenticated_at = $4, methods = $5, started_at = $6,
                    last_used_at = $7, device = $8, network = $9, expires_at = $10, is_remembered = $13
                WHERE digest = $11 AND expires_at > $12 AND id = $2 AND user_id = $3 RETURNING 1
                """
            ),
            RecordedStatement(
                "bti",
                """
                UPDATE upstream_sessions SET expires_at = $3
                WHERE session_id = $2 AND expires_at < $3
                    AND EXISTS (SELECT 1 FROM sessions WHERE digest = $1 AND id = $2)
                """
            ),
            RecordedStatement(
                "ttii",
                """
                UPDATE users SET name = $2, updated_at = $3 WHERE id = $1 AND updated_at = $4 AND disabled_at IS NULL
                RETURNING id
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE users SET signed_out_at = $2 WHERE id = $1
                """
            ),
            RecordedStatement(
                "i",
                """
                WITH RECURSIVE untold (client_id) AS (
                    SELECT MIN(client_id) FROM participations WHERE due_at IS NOT NULL
                    UNION ALL
                    SELECT (SELECT MIN(p.client_id) FROM participations p
                        WHERE p.due_at IS NOT NULL AND p.client_id > untold.client_id)
                    FROM untold WHERE untold.client_id IS NOT NULL)
                SELECT due.client_id FROM
                    (SELECT client_id,
                        (SELECT MIN(p.due_at) FROM participations p
                            WHERE p.client_id = untold.client_id AND p.due_at <= $1) AS due_at
                    FROM untold WHERE client_id IS NOT NULL) AS due
                    LEFT JOIN clients c ON c.id = due.client_id
                WHERE due.due_at IS NOT NULL
                ORDER BY CASE WHEN c.registration_digest IS NULL THEN 0 ELSE 1 END, due.due_at, due.client_id LIMIT 1000
                """
            ),
        ]
    )
}
