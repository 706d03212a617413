extension RecordedStatements {
    static let schema3 = RecordedStatements(
        schema: 3, after: .schema2,
        without: [
            """
            DELETE FROM sessions WHERE digest = $1 AND expires_at > $2
            RETURNING digest, id, user_id, authenticated_at, methods, expires_at
            """,
            """
            INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            """
            SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.expires_at
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.digest = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
            """,
            """
            UPDATE signing_keys SET state = 'current', changed_at = $1 WHERE state = 'next'
            """,
            """
            UPDATE signing_keys SET state = 'retiring', changed_at = $1 WHERE state = 'current'
            """,
            """
            UPDATE signing_keys SET state = 'retiring', changed_at = $2 WHERE id = $1 AND state = 'current'
                AND EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next')
            RETURNING id
            """,
        ],
        and: [
            RecordedStatement(
                "bii",
                """
                DELETE FROM first_factors WHERE place = $1 AND proven_at = $2 AND expires_at > $3 RETURNING 1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM first_factors WHERE place IN
                    (SELECT place FROM
                        (SELECT place FROM first_factors WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                        AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM first_factors WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM mails WHERE id = $1 AND attempts = $2 AND gave_up_at IS NULL RETURNING id
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM mails WHERE id IN
                    (SELECT id FROM
                        (SELECT id FROM mails WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "b",
                """
                DELETE FROM proofs WHERE id = $1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM proofs WHERE id IN
                    (SELECT id FROM
                        (SELECT id FROM proofs WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM proofs WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tt",
                """
                DELETE FROM proofs WHERE user_id = $1 AND purpose = $2
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM recovery_codes WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tb",
                """
                DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "bt",
                """
                DELETE FROM remembered_devices WHERE digest = $1 AND user_id = $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM remembered_devices WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM remembered_devices WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at
                        LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM remembered_devices WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "bi",
                """
                DELETE FROM sessions WHERE digest = $1 AND expires_at > $2
                RETURNING digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                    network, expires_at
                """
            ),
            RecordedStatement(
                "tib",
                """
                DELETE FROM sessions WHERE user_id = $1 AND digest <> $3 AND expires_at > $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "b",
                """
                DELETE FROM sign_in_attempts WHERE digest = $1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM sign_in_attempts WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM sign_in_attempts WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                        AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM signing_keys WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM signing_keys WHERE state = 'next' AND algorithm = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM totp_keys WHERE user_id = $1 RETURNING 1
                """
            ),
            RecordedStatement(
                "bbtii",
                """
                INSERT INTO first_factors (place, browser, user_id, proven_at, expires_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (place) DO UPDATE SET
                    browser = excluded.browser, user_id = excluded.user_id, proven_at = excluded.proven_at,
                    expires_at = excluded.expires_at
                """
            ),
            RecordedStatement(
                "tttbiiiiiti",
                """
                INSERT INTO mails
                    (id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """
            ),
            RecordedStatement(
                "btttttbtbbiiiii",
                """
                INSERT INTO proofs
                    (id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                        code_expires_at, guesses, mails, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                """
            ),
            RecordedStatement(
                "tb",
                """
                INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING
                """
            ),
            RecordedStatement(
                "bttii",
                """
                INSERT INTO remembered_devices (digest, user_id, device, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5)
                """
            ),
            RecordedStatement(
                "bttitiitti",
                """
                INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                    network, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """
            ),
            RecordedStatement(
                "biiiii",
                """
                INSERT INTO sign_in_attempts (digest, failures, locked_until, expires_at) VALUES ($1, 1, 0, $2)
                ON CONFLICT (digest) DO UPDATE SET
                    failures = CASE WHEN sign_in_attempts.expires_at <= $3 THEN 1 ELSE sign_in_attempts.failures + 1 END,
                    locked_until = CASE
                        WHEN sign_in_attempts.expires_at <= $3 OR sign_in_attempts.failures < $4 THEN 0
                        WHEN (sign_in_attempts.failures - $4 + 1) * $5 > $6 THEN $3 + $6
                        ELSE $3 + (sign_in_attempts.failures - $4 + 1) * $5 END,
                    expires_at = $2
                WHERE sign_in_attempts.locked_until <= $3 OR sign_in_attempts.expires_at <= $3
                RETURNING failures
                """
            ),
            RecordedStatement(
                "ttbii",
                """
                INSERT INTO signing_keys (id, algorithm, sealed, state, created_at, changed_at)
                SELECT $1, $2, $3,
                    CASE WHEN EXISTS (SELECT 1 FROM signing_keys WHERE state = 'current' AND algorithm = $2)
                        THEN 'next' ELSE 'current' END,
                    $4, $5
                WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next' AND algorithm = $2)
                """
            ),
            RecordedStatement(
                "tbiii",
                """
                INSERT INTO totp_keys (user_id, sealed, created_at, confirmed_at, last_step) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (user_id) DO UPDATE SET
                    sealed = excluded.sealed, created_at = excluded.created_at,
                    confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
                WHERE totp_keys.confirmed_at IS NULL
                RETURNING 1
                """
            ),
            RecordedStatement(
                "ttittiinbi",
                """
                INSERT INTO users
                    (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at)
                SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM proofs WHERE id = $9 AND expires_at > $10
                ON CONFLICT DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM signing_keys WHERE state <> 'retiring' AND algorithm = $1)
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next' AND algorithm = $1)
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT COUNT(*), COUNT(gave_up_at) FROM mails
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT DISTINCT session_id, client_id FROM grants
                WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
                ORDER BY session_id, client_id LIMIT 200
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT d.digest, d.user_id, d.device, d.created_at, d.expires_at
                FROM remembered_devices d JOIN users u ON u.id = d.user_id
                WHERE d.digest = $1 AND d.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR d.created_at >= u.signed_out_at)
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT d.digest, d.user_id, d.device, d.created_at, d.expires_at
                FROM remembered_devices d JOIN users u ON u.id = d.user_id
                WHERE d.user_id = $1 AND d.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR d.created_at >= u.signed_out_at)
                ORDER BY d.created_at DESC, d.digest LIMIT 100
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT f.place, f.browser, f.user_id, f.proven_at, f.expires_at
                FROM first_factors f JOIN users u ON u.id = f.user_id
                WHERE f.place = $1 AND f.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR f.proven_at >= u.signed_out_at)
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at
                FROM mails WHERE id > $1 ORDER BY id LIMIT $2
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                    code_expires_at, guesses, mails, created_at, expires_at
                FROM proofs WHERE id = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                    code_expires_at, guesses, mails, created_at, expires_at
                FROM proofs WHERE link = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "b",
                """
                SELECT locked_until FROM sign_in_attempts WHERE digest = $1
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                    s.network, s.expires_at
                FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.digest = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                    s.network, s.expires_at
                FROM sessions s JOIN users u ON u.id = s.user_id
                WHERE s.user_id = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
                ORDER BY COALESCE(s.last_used_at, s.authenticated_at) DESC, s.id LIMIT 100
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT user_id, sealed, created_at, confirmed_at, last_step FROM totp_keys WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tib",
                """
                UPDATE grants SET revoked_at = $2
                WHERE session_id IN
                        (SELECT id FROM sessions WHERE user_id = $1 AND digest <> $3 AND expires_at > $2)
                    AND survives_session = 0 AND revoked_at IS NULL
                """
            ),
            RecordedStatement(
                "iii",
                """
                UPDATE mails SET due_at = $2, attempts = attempts + 1
                WHERE id IN
                    (SELECT id FROM mails WHERE gave_up_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $3)
                    AND gave_up_at IS NULL AND due_at <= $1
                RETURNING id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at
                """
            ),
            RecordedStatement(
                "tii",
                """
                UPDATE mails SET due_at = $2, send_by = $3, attempts = attempts + 1, gave_up_at = NULL
                WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "tiit",
                """
                UPDATE mails SET due_at = $3, failure = $4
                WHERE id = $1 AND attempts = $2 AND gave_up_at IS NULL RETURNING id
                """
            ),
            RecordedStatement(
                "tiit",
                """
                UPDATE mails SET gave_up_at = $3, failure = $4
                WHERE id = $1 AND attempts = $2 AND gave_up_at IS NULL RETURNING id
                """
            ),
            RecordedStatement(
                "bii",
                """
                UPDATE proofs SET guesses = guesses + 1
                WHERE id = $1 AND guesses < $2 AND code_expires_at > $3 AND expires_at > $3
                RETURNING id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                    code_expires_at, guesses, mails, created_at, expires_at
                """
            ),
            RecordedStatement(
                "bbbii",
                """
                UPDATE proofs SET link = $2, code = $3, code_expires_at = $4, guesses = 0
                WHERE id = $1 AND expires_at > $5 RETURNING id
                """
            ),
            RecordedStatement(
                "bbi",
                """
                UPDATE proofs SET mails = -1 WHERE id = $1 AND link = $2 AND expires_at > $3
                """
            ),
            RecordedStatement(
                "bii",
                """
                UPDATE proofs SET mails = mails + 1 WHERE id = $1 AND mails < $2 AND expires_at > $3 RETURNING id
                """
            ),
            RecordedStatement(
                "biti",
                """
                UPDATE sessions SET last_used_at = $2, network = $3
                WHERE digest = $1 AND COALESCE(last_used_at, authenticated_at) < $4
                """
            ),
            RecordedStatement(
                "bi",
                """
                UPDATE sign_in_attempts SET failures = failures - 1, locked_until = 0 WHERE digest = $1 AND failures = $2
                """
            ),
            RecordedStatement(
                "it",
                """
                UPDATE signing_keys SET state = 'current', changed_at = $1 WHERE state = 'next' AND algorithm = $2
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE signing_keys SET state = 'current', changed_at = $2 WHERE id = $1 AND state = 'next'
                    AND NOT EXISTS (
                        SELECT 1 FROM signing_keys o WHERE o.state = 'current' AND o.algorithm = signing_keys.algorithm)
                RETURNING id
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE signing_keys SET state = 'current', changed_at = $2 WHERE state = 'next' AND algorithm = $1
                    AND NOT EXISTS (SELECT 1 FROM signing_keys WHERE state = 'current' AND algorithm = $1)
                """
            ),
            RecordedStatement(
                "it",
                """
                UPDATE signing_keys SET state = 'retiring', changed_at = $1 WHERE state = 'current' AND algorithm = $2
                """
            ),
            RecordedStatement(
                "tit",
                """
                UPDATE signing_keys SET state = 'retiring', changed_at = $2 WHERE id = $1 AND state = 'current'
                    AND algorithm = $3
                    AND EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next' AND algorithm = $3)
                RETURNING id
                """
            ),
            RecordedStatement(
                "tiii",
                """
                UPDATE totp_keys SET confirmed_at = $4, last_step = $3
                WHERE user_id = $1 AND created_at = $2 AND confirmed_at IS NULL RETURNING 1
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE totp_keys SET last_step = $2
                WHERE user_id = $1 AND confirmed_at IS NOT NULL AND (last_step IS NULL OR last_step < $2) RETURNING 1
                """
            ),
            RecordedStatement(
                "ttibb",
                """
                UPDATE users SET password_hash = $2, signed_out_at = $3
                WHERE id = $1 AND disabled_at IS NULL
                    AND EXISTS (SELECT 1 FROM proofs WHERE id = $4 AND link = $5 AND mails = -1)
                RETURNING id
                """
            ),
        ]
    )
}
