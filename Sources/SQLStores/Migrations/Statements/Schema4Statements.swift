extension RecordedStatements {
    static let schema4 = RecordedStatements(
        schema: 4, after: .schema3,
        without: [
            """
            INSERT INTO clients (id, name, secret_digest, authentication_methods, redirect_uris,
                post_logout_redirect_uris, grant_types, scopes, party, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (id) DO NOTHING RETURNING id
            """,
            """
            INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, COALESCE($15,
                (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                    FROM users WHERE id = $3 /*! FOR SHARE */)))
            """,
            """
            INSERT INTO mails
                (id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            """
            SELECT id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at
            FROM mails WHERE id > $1 ORDER BY id LIMIT $2
            """,
            """
            SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                grant_types, scopes, party, created_at
            FROM clients ORDER BY id
            """,
            """
            SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                grant_types, scopes, party, created_at
            FROM clients WHERE id = $1
            """,
            """
            UPDATE mails SET due_at = $2, attempts = attempts + 1
            WHERE id IN
                (SELECT id FROM mails WHERE gave_up_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $3)
                AND gave_up_at IS NULL AND due_at <= $1
            RETURNING id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at
            """,
        ],
        and: [
            RecordedStatement(
                "t",
                """
                DELETE FROM account_deletions WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM account_deletions WHERE user_id = $1 AND expires_at <= $2 RETURNING user_id
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM account_deletions WHERE user_id = $1 RETURNING user_id
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM account_freezes WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM account_freezes WHERE user_id IN
                    (SELECT user_id FROM
                        (SELECT user_id FROM account_freezes WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at
                        LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "i",
                """
                DELETE FROM audit_checkpoints WHERE sequence < $1
                """
            ),
            RecordedStatement(
                "ii",
                """
                DELETE FROM audit_events WHERE id IN
                    (SELECT id FROM
                        (SELECT id FROM audit_events WHERE sequence <= $1 ORDER BY sequence LIMIT 500) AS due
                    LIMIT $2)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM codes WHERE grant_id IN (SELECT id FROM grants WHERE user_id = $1)
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM consents WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM grants WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM mails WHERE recipient IN
                    (SELECT email FROM users WHERE id = $1 UNION SELECT email FROM recourses WHERE user_id = $1)
                """
            ),
            RecordedStatement(
                "bt",
                """
                DELETE FROM passkeys WHERE credential_id = $1 AND user_id = $2
                    AND (EXISTS (SELECT 1 FROM users WHERE id = $2 AND password_hash IS NOT NULL)
                        OR (SELECT COUNT(*) FROM passkeys WHERE user_id = $2) > 1)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM passkeys WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM passkeys WHERE user_id = $1 RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM proofs WHERE email = (SELECT email FROM users WHERE id = $1)
                """
            ),
            RecordedStatement(
                "bb",
                """
                DELETE FROM recourses WHERE id = $1 AND link = $2 RETURNING id
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM recourses WHERE id IN
                    (SELECT id FROM
                        (SELECT id FROM recourses WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM recourses WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tt",
                """
                DELETE FROM recourses WHERE user_id = $1 AND purpose = $2
                """
            ),
            RecordedStatement(
                "tti",
                """
                DELETE FROM recourses WHERE user_id = $1 AND purpose = $2 AND created_at >= $3
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM recovery_codes WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                    AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM remembered_devices WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                    AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM spent_challenges WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM spent_challenges WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                        AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM totp_keys WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM users WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "tii",
                """
                INSERT INTO account_deletions (user_id, expires_at)
                SELECT id, $2 FROM users
                WHERE id = $1 AND signed_out_at = $3 AND disabled_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $3)
                ON CONFLICT DO NOTHING RETURNING user_id
                """
            ),
            RecordedStatement(
                "ti",
                """
                INSERT INTO account_freezes (user_id, expires_at) VALUES ($1, $2)
                ON CONFLICT (user_id) DO UPDATE SET expires_at = excluded.expires_at
                WHERE account_freezes.expires_at < excluded.expires_at
                """
            ),
            RecordedStatement(
                "itt",
                """
                INSERT INTO audit_checkpoints (sequence, token, public_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
                """
            ),
            RecordedStatement(
                "tittttttttb",
                """
                INSERT INTO audit_events
                    (id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """
            ),
            RecordedStatement(
                "ttbttttttti",
                """
                INSERT INTO clients (id, name, secret_digest, authentication_methods, redirect_uris,
                    post_logout_redirect_uris, grant_types, scopes, party, own_sign_in, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                ON CONFLICT (id) DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "tttttiitiiiibii",
                """
                INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                    methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, COALESCE($15,
                    (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                        FROM users WHERE id = $3 /*! FOR SHARE */),
                    (SELECT $9 FROM person_keys WHERE user_id = $3 AND sealed IS NULL)))
                """
            ),
            RecordedStatement(
                "tttbiiiiititt",
                """
                INSERT INTO mails
                    (id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at,
                        details, language)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                """
            ),
            RecordedStatement(
                "btbbiiiibttiii",
                """
                INSERT INTO passkeys (
                    credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                    is_user_verified, aaguid, transports, name, created_at, last_used_at)
                SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
                WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)
                    AND (SELECT COUNT(*) FROM passkeys WHERE user_id = $2) < $14
                ON CONFLICT DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "tb",
                """
                INSERT INTO person_keys (user_id, sealed) VALUES ($1, $2)
                ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id RETURNING sealed
                """
            ),
            RecordedStatement(
                "t",
                """
                INSERT INTO person_keys (user_id, sealed) VALUES ($1, NULL)
                ON CONFLICT (user_id) DO UPDATE SET sealed = NULL
                """
            ),
            RecordedStatement(
                "btttbii",
                """
                INSERT INTO recourses (id, purpose, user_id, email, link, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """
            ),
            RecordedStatement(
                "bi",
                """
                INSERT INTO spent_challenges (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT (SELECT expires_at FROM account_freezes WHERE user_id = $1 AND expires_at > $2),
                    (SELECT expires_at FROM account_deletions WHERE user_id = $1)
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT COUNT(*) FROM passkeys WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "b",
                """
                SELECT credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                    is_user_verified, aaguid, transports, name, created_at, last_used_at
                FROM passkeys WHERE credential_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                    is_user_verified, aaguid, transports, name, created_at, last_used_at
                FROM passkeys WHERE user_id = $1 ORDER BY created_at, credential_id LIMIT 100
                """
            ),
            RecordedStatement(
                "ttitt",
                """
                SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal
                FROM audit_events
                WHERE id >= $1 AND id < $2 AND (action = $4 OR $4 = '') AND (outcome = $5 OR $5 = '')
                ORDER BY id DESC LIMIT $3
                """
            ),
            RecordedStatement(
                "ttittt",
                """
                SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal
                FROM audit_events
                WHERE subject = $6 AND id >= $1 AND id < $2 AND (action = $4 OR $4 = '') AND (outcome = $5 OR $5 = '')
                ORDER BY id DESC LIMIT $3
                """
            ),
            RecordedStatement(
                "i",
                """
                SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal
                FROM audit_events WHERE sequence IS NULL AND id > '' ORDER BY id LIMIT $1
                """
            ),
            RecordedStatement(
                "ii",
                """
                SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal,
                    id, sequence, digest
                FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT id, kind, recipient, proof, details, created_at, send_by, expires_at, due_at, attempts, failure,
                    gave_up_at, language
                FROM mails WHERE id > $1 ORDER BY id LIMIT $2
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                    grant_types, scopes, party, own_sign_in, created_at
                FROM clients ORDER BY id
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                    grant_types, scopes, party, own_sign_in, created_at
                FROM clients WHERE id = $1
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT id, purpose, user_id, email, link, created_at, expires_at FROM recourses
                WHERE id = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT id, purpose, user_id, email, link, created_at, expires_at FROM recourses
                WHERE link = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT id, sequence, digest FROM audit_events WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT sealed FROM person_keys WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT sequence FROM audit_events WHERE id < $1 AND sequence IS NOT NULL ORDER BY id DESC LIMIT 1
                """
            ),
            RecordedStatement(
                "i",
                """
                SELECT sequence, token, public_key FROM audit_checkpoints WHERE sequence <= $1
                ORDER BY sequence DESC LIMIT 1
                """
            ),
            RecordedStatement(
                "ii",
                """
                SELECT sequence, token, public_key FROM audit_checkpoints WHERE sequence > $1 ORDER BY sequence LIMIT $2
                """
            ),
            RecordedStatement(
                "ii",
                """
                SELECT user_id FROM account_deletions WHERE expires_at <= $1 ORDER BY expires_at, user_id LIMIT $2
                """
            ),
            RecordedStatement(
                "tib",
                """
                UPDATE audit_events SET sequence = $2, digest = $3 WHERE id = $1 AND sequence IS NULL RETURNING 1
                """
            ),
            RecordedStatement(
                "iii",
                """
                UPDATE mails SET due_at = $2, attempts = attempts + 1
                WHERE id IN
                    (SELECT id FROM mails WHERE gave_up_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $3)
                    AND gave_up_at IS NULL AND due_at <= $1
                RETURNING id, kind, recipient, proof, details, created_at, send_by, expires_at, due_at, attempts, failure,
                    gave_up_at, language
                """
            ),
            RecordedStatement(
                "btt",
                """
                UPDATE passkeys SET name = $3 WHERE credential_id = $1 AND user_id = $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "biiii",
                """
                UPDATE passkeys SET sign_count = $2, is_backed_up = $3, is_user_verified = $4, last_used_at = $5
                WHERE credential_id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0)) RETURNING 1
                """
            ),
            RecordedStatement(
                "bi",
                """
                UPDATE proofs SET mails = -1 WHERE id = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "bbi",
                """
                UPDATE recourses SET link = $2 WHERE id = $1 AND expires_at > $3 RETURNING id
                """
            ),
            RecordedStatement(
                "bb",
                """
                UPDATE recourses SET link = link WHERE id = $1 AND link = $2
                """
            ),
            RecordedStatement(
                "bttitiittibi",
                """
                UPDATE sessions SET digest = $1, authenticated_at = $4, methods = $5, started_at = $6, last_used_at = $7,
                    device = $8, network = $9, expires_at = $10
                WHERE digest = $11 AND expires_at > $12 AND id = $2 AND user_id = $3 RETURNING 1
                """
            ),
            RecordedStatement(
                "ttibb",
                """
                UPDATE users SET email = $2, is_email_verified = 1, updated_at = $3, signed_out_at = $3
                WHERE id = $1
                    AND EXISTS (SELECT 1 FROM recourses r WHERE r.id = $4 AND r.link = $5)
                    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $2)
                RETURNING id
                """
            ),
            RecordedStatement(
                "tttib",
                """
                UPDATE users SET email = $3, is_email_verified = 1, updated_at = $4
                WHERE id = $1 AND email = $2 AND disabled_at IS NULL
                    AND EXISTS (SELECT 1 FROM proofs p WHERE p.id = $5 AND p.mails = -1)
                    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $3)
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                RETURNING id
                """
            ),
            RecordedStatement(
                "tti",
                """
                UPDATE users SET name = $2, updated_at = $3 WHERE id = $1 AND disabled_at IS NULL
                RETURNING id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE users SET name = name WHERE id = $1
                """
            ),
            RecordedStatement(
                "ttti",
                """
                UPDATE users SET password_hash = $3, signed_out_at = $4
                WHERE id = $1 AND COALESCE(password_hash, '') = $2 AND disabled_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                RETURNING id
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE users SET signed_out_at = $2
                WHERE id = $1 AND disabled_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $2)
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE users SET signed_out_at = $2 WHERE id = $1
                """
            ),
        ]
    )
}
