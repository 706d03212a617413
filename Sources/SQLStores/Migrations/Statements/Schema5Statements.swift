extension RecordedStatements {
    static let schema5 = RecordedStatements(
        schema: 5, after: .schema4,
        without: [
            """
            DELETE FROM mails WHERE recipient IN
                (SELECT email FROM users WHERE id = $1 UNION SELECT email FROM recourses WHERE user_id = $1)
            """,
            """
            DELETE FROM passkeys WHERE credential_id = $1 AND user_id = $2
                AND (EXISTS (SELECT 1 FROM users WHERE id = $2 AND password_hash IS NOT NULL)
                    OR (SELECT COUNT(*) FROM passkeys WHERE user_id = $2) > 1)
            RETURNING 1
            """,
            """
            DELETE FROM recourses WHERE user_id = $1 AND purpose = $2 AND created_at >= $3
            """,
            """
            DELETE FROM recovery_codes WHERE user_id = $1
                AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
            """,
            """
            DELETE FROM remembered_devices WHERE user_id = $1
                AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
            """,
            """
            DELETE FROM totp_keys WHERE user_id = $1 RETURNING 1
            """,
            """
            INSERT INTO clients (id, name, secret_digest, authentication_methods, redirect_uris,
                post_logout_redirect_uris, grant_types, scopes, party, own_sign_in, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (id) DO NOTHING RETURNING id
            """,
            """
            INSERT INTO first_factors (place, browser, user_id, proven_at, expires_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (place) DO UPDATE SET
                browser = excluded.browser, user_id = excluded.user_id, proven_at = excluded.proven_at,
                expires_at = excluded.expires_at
            """,
            """
            INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, COALESCE($15,
                (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                    FROM users WHERE id = $3 /*! FOR SHARE */),
                (SELECT $9 FROM person_keys WHERE user_id = $3 AND sealed IS NULL)))
            """,
            """
            INSERT INTO passkeys (
                credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                is_user_verified, aaguid, transports, name, created_at, last_used_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
            WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)
                AND (SELECT COUNT(*) FROM passkeys WHERE user_id = $2) < $14
            ON CONFLICT DO NOTHING RETURNING 1
            """,
            """
            INSERT INTO users
                (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM proofs WHERE id = $9 AND expires_at > $10
            ON CONFLICT DO NOTHING RETURNING id
            """,
            """
            INSERT INTO users (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT DO NOTHING RETURNING id
            """,
            """
            SELECT c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.nonce, c.issued_at, c.expires_at,
                g.client_id, g.user_id, g.session_id, g.scopes, g.authenticated_at, g.methods, g.created_at,
                g.expires_at, g.generation, g.rotated_at, g.request, g.idle_expires_at, g.revoked_at
            FROM codes c JOIN grants g ON g.id = c.grant_id
            WHERE c.digest = $1 AND c.expires_at > $2 AND g.expires_at > $2
            """,
            """
            SELECT f.place, f.browser, f.user_id, f.proven_at, f.expires_at
            FROM first_factors f JOIN users u ON u.id = f.user_id
            WHERE f.place = $1 AND f.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR f.proven_at >= u.signed_out_at)
            """,
            """
            SELECT id, client_id, user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at,
                generation, rotated_at, request, idle_expires_at, revoked_at
            FROM grants WHERE id = $1 AND expires_at > $2
            """,
            """
            SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at
            FROM users WHERE email = $1
            """,
            """
            SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at
            FROM users WHERE email > $1 ORDER BY email LIMIT $2
            """,
            """
            SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at
            FROM users WHERE id = $1
            """,
            """
            SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                grant_types, scopes, party, own_sign_in, created_at
            FROM clients ORDER BY id
            """,
            """
            SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                grant_types, scopes, party, own_sign_in, created_at
            FROM clients WHERE id = $1
            """,
            """
            SELECT u.id, u.email, u.is_email_verified, u.name, NULL, u.created_at, u.updated_at, u.disabled_at
            FROM grants g JOIN users u ON u.id = g.user_id
            WHERE g.id = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL AND u.disabled_at IS NULL
            """,
            """
            UPDATE audit_events SET sequence = $2, digest = $3 WHERE id = $1 AND sequence IS NULL RETURNING 1
            """,
            """
            UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = $5
            WHERE id = $1 AND generation = $2 AND client_id = $6 AND revoked_at IS NULL AND idle_expires_at > $3
                AND expires_at > $3
            RETURNING user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at
            """,
            """
            UPDATE grants SET revoked_at = $2
            WHERE session_id IN
                    (SELECT id FROM sessions WHERE user_id = $1 AND digest <> $3 AND expires_at > $2)
                AND survives_session = 0 AND revoked_at IS NULL
            """,
            """
            UPDATE mails SET due_at = $2, attempts = attempts + 1
            WHERE id IN
                (SELECT id FROM mails WHERE gave_up_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $3)
                AND gave_up_at IS NULL AND due_at <= $1
            RETURNING id, kind, recipient, proof, details, created_at, send_by, expires_at, due_at, attempts, failure,
                gave_up_at, language
            """,
            """
            UPDATE sessions SET digest = $1, authenticated_at = $4, methods = $5, started_at = $6, last_used_at = $7,
                device = $8, network = $9, expires_at = $10
            WHERE digest = $11 AND expires_at > $12 AND id = $2 AND user_id = $3 RETURNING 1
            """,
            """
            UPDATE totp_keys SET confirmed_at = $4, last_step = $3
            WHERE user_id = $1 AND created_at = $2 AND confirmed_at IS NULL RETURNING 1
            """,
            """
            UPDATE users SET email = $2, is_email_verified = 1, updated_at = $3, signed_out_at = $3
            WHERE id = $1
                AND EXISTS (SELECT 1 FROM recourses r WHERE r.id = $4 AND r.link = $5)
                AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $2)
            RETURNING id
            """,
            """
            UPDATE users SET name = $2, updated_at = $3 WHERE id = $1 AND disabled_at IS NULL
            RETURNING id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at
            """,
            """
            UPDATE users SET password_hash = $2, signed_out_at = $3
            WHERE id = $1 AND disabled_at IS NULL
                AND EXISTS (SELECT 1 FROM proofs WHERE id = $4 AND link = $5 AND mails = -1)
            RETURNING id
            """,
            """
            UPDATE users SET password_hash = $3, signed_out_at = $4
            WHERE id = $1 AND COALESCE(password_hash, '') = $2 AND disabled_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
            RETURNING id
            """,
            """
            UPDATE users SET signed_out_at = $2 WHERE id = $1
            """,
        ],
        and: [
            RecordedStatement(
                "t",
                """
                DELETE FROM connectors WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM linked_identities WHERE connector_id = $1
                """
            ),
            RecordedStatement(
                "tt",
                """
                DELETE FROM linked_identities WHERE connector_id = $1 AND subject = $2
                    AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = linked_identities.user_id)
                """
            ),
            RecordedStatement(
                "ttt",
                """
                DELETE FROM linked_identities WHERE connector_id = $1 AND subject = $2 AND user_id = $3
                    AND EXISTS (SELECT 1 FROM ways_in w WHERE w.user_id = $3
                        AND (w.connector_id IS NULL OR w.connector_id <> $1 OR w.subject <> $2))
                RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM linked_identities WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM mails WHERE recipient = (SELECT email FROM users WHERE id = $1)
                    OR proof IN
                        (SELECT id FROM proofs WHERE user_id = $1 UNION ALL SELECT id FROM recourses WHERE user_id = $1)
                    OR (proof IS NULL AND recipient IN
                        (SELECT r.email FROM recourses r WHERE r.user_id = $1
                            AND NOT EXISTS (SELECT 1 FROM users u WHERE u.email = r.email)))
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM memberships WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "tttt",
                """
                DELETE FROM memberships WHERE user_id = $1 AND kind = $2 AND name = $3 AND source = $4 RETURNING 1
                """
            ),
            RecordedStatement(
                "tt",
                """
                DELETE FROM memberships WHERE user_id = $1 AND source = $2
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM opaque_tokens WHERE client_id = $1
                """
            ),
            RecordedStatement(
                "bt",
                """
                DELETE FROM opaque_tokens WHERE digest = $1 AND client_id = $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM opaque_tokens WHERE digest IN
                    (SELECT digest FROM
                        (SELECT digest FROM opaque_tokens WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                        AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM opaque_tokens WHERE grant_id IN (SELECT id FROM grants WHERE user_id = $1)
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM participations WHERE client_id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM participations WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM participations WHERE id IN
                    (SELECT id FROM
                        (SELECT id FROM participations WHERE expires_at BETWEEN $3 AND $1
                            ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "bti",
                """
                DELETE FROM passkeys WHERE credential_id = $1 AND user_id = $2
                    AND (SELECT COUNT(*) FROM ways_in WHERE user_id = $2) > 1
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $2 AND f.expires_at > $3)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM profiles WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "bbi",
                """
                DELETE FROM proofs WHERE id = $1 AND code = $2 AND expires_at > $3 RETURNING id
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM recourses WHERE user_id = $1 AND created_at >= $2
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM recovery_codes WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                    AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE id = $1 AND mail_codes <> 'off')
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM remembered_devices WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                    AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE id = $1 AND mail_codes <> 'off')
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM resources WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM totp_keys WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $2)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "ti",
                """
                DELETE FROM totp_keys WHERE user_id = $1 AND (confirmed_at IS NULL OR created_at >= $2)
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM upstream_sessions WHERE connector_id = $1
                """
            ),
            RecordedStatement(
                "iii",
                """
                DELETE FROM upstream_sessions WHERE session_id IN
                    (SELECT session_id FROM
                        (SELECT session_id FROM upstream_sessions WHERE expires_at BETWEEN $3 AND $1
                            ORDER BY expires_at LIMIT 500) AS due
                    LIMIT $2)
                RETURNING expires_at
                """
            ),
            RecordedStatement(
                "t",
                """
                DELETE FROM upstream_sessions WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "ttbtttttttitbbbib",
                """
                INSERT INTO clients (id, name, secret_digest, authentication_methods, redirect_uris,
                    post_logout_redirect_uris, grant_types, scopes, party, own_sign_in, created_at, metadata,
                    sealed_secret, former_secret_digest, former_sealed_secret, former_secret_expires_at,
                    registration_digest)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
                ON CONFLICT (id) DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "tttttbiiii",
                """
                INSERT INTO connectors (id, kind, preset, name, settings, sealed_secret, position, created_at,
                    updated_at, disabled_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (id) DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "bbtiit",
                """
                INSERT INTO first_factors (place, browser, user_id, proven_at, expires_at, methods)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (place) DO UPDATE SET
                    browser = excluded.browser, user_id = excluded.user_id, proven_at = excluded.proven_at,
                    expires_at = excluded.expires_at, methods = excluded.methods
                """
            ),
            RecordedStatement(
                "tttttiitiiiibiti",
                """
                INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                    methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, claims, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, COALESCE($16,
                    (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                        FROM users WHERE id = $3 /*! FOR SHARE */),
                    (SELECT $9 FROM person_keys WHERE user_id = $3 AND sealed IS NULL),
                    (SELECT $9 FROM users WHERE id = $3 AND NOT EXISTS
                        (SELECT 1 FROM sessions WHERE user_id = $3 AND id = $4 /*! FOR KEY SHARE */))))
                """
            ),
            RecordedStatement(
                "tttttiit",
                """
                INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                    last_used_at)
                SELECT $1, $2, $3, $4, $5, $6, $7
                WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = $3)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE email = $8)
                ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "tttttii",
                """
                INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                    last_used_at)
                SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS (SELECT 1 FROM users WHERE id = $3)
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $3 AND f.expires_at > $6)
                ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "tttt",
                """
                INSERT INTO memberships (user_id, kind, name, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                """
            ),
            RecordedStatement(
                "bttti",
                """
                INSERT INTO opaque_tokens (digest, client_id, grant_id, claims, expires_at) VALUES ($1, $2, $3, $4, $5)
                """
            ),
            RecordedStatement(
                "ttttii",
                """
                INSERT INTO participations (id, session_id, client_id, user_id, created_at, expires_at, attempts)
                SELECT $1, $2, $3, $4, $5, $6, 0
                WHERE EXISTS (SELECT 1 FROM sessions WHERE user_id = $4 AND id = $2 /*! FOR KEY SHARE */)
                ON CONFLICT (session_id, client_id) DO UPDATE SET
                    id = CASE WHEN participations.ended_at IS NULL THEN participations.id ELSE excluded.id END,
                    user_id = excluded.user_id,
                    created_at = CASE WHEN participations.ended_at IS NULL THEN participations.created_at
                        ELSE excluded.created_at END,
                    expires_at = excluded.expires_at, ended_at = NULL, due_at = NULL, attempts = 0, failure = NULL,
                    gave_up_at = NULL
                WHERE participations.ended_at IS NOT NULL OR participations.expires_at < excluded.expires_at
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
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $2 AND f.expires_at > $12)
                ON CONFLICT DO NOTHING RETURNING 1
                """
            ),
            RecordedStatement(
                "tttttttttttttttttttt",
                """
                INSERT INTO profiles (user_id, given_name, family_name, middle_name, nickname, preferred_username,
                    profile, picture, website, gender, birthdate, zoneinfo, locale, phone_number, street_address,
                    locality, region, postal_code, country, translations)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
                """
            ),
            RecordedStatement(
                "ttttiitti",
                """
                INSERT INTO resources (id, name, scopes, format, token_lifetime, grant_lifetime, algorithm, clients,
                    created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "tttttbii",
                """
                INSERT INTO upstream_sessions (session_id, connector_id, subject, provider_session, user_id, sealed_tokens,
                    created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (session_id) DO UPDATE SET connector_id = excluded.connector_id, subject = excluded.subject,
                    provider_session = excluded.provider_session, user_id = excluded.user_id,
                    sealed_tokens = excluded.sealed_tokens, created_at = excluded.created_at,
                    expires_at = excluded.expires_at
                """
            ),
            RecordedStatement(
                "ttitniinnt",
                """
                INSERT INTO users
                    (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at,
                        language, mail_codes)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """
            ),
            RecordedStatement(
                "ttittiinbitt",
                """
                INSERT INTO users
                    (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                        mail_codes)
                SELECT $1, $2, $3, $4, $5, $6, $7, $8, $11, $12 FROM proofs WHERE id = $9 AND expires_at > $10
                ON CONFLICT DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "ttittiiitt",
                """
                INSERT INTO users
                    (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                        mail_codes)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT DO NOTHING RETURNING id
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT (SELECT COUNT(*) FROM participations WHERE due_at IS NOT NULL),
                    (SELECT COUNT(*) FROM participations WHERE gave_up_at IS NOT NULL)
                """
            ),
            RecordedStatement(
                "it",
                """
                SELECT 1 FROM mails WHERE gave_up_at IS NULL AND due_at <= $1 AND $2 LIKE '% ' || kind || ' %' LIMIT 1
                """
            ),
            RecordedStatement(
                "b",
                """
                SELECT 1 FROM sessions WHERE digest = $1 /*! FOR UPDATE */
                """
            ),
            RecordedStatement(
                "tb",
                """
                SELECT 1 FROM sessions WHERE user_id = $1 AND digest <> $2 ORDER BY digest /*! FOR UPDATE */
                """
            ),
            RecordedStatement(
                "b",
                """
                SELECT 1 FROM spent_challenges WHERE digest = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $2)
                """
            ),
            RecordedStatement(
                "ttti",
                """
                SELECT DISTINCT user_id FROM memberships WHERE kind = $1 AND name = $2 AND user_id > $3
                ORDER BY user_id LIMIT $4
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.nonce, c.issued_at, c.expires_at,
                    g.client_id, g.user_id, g.session_id, g.scopes, g.authenticated_at, g.methods, g.created_at,
                    g.expires_at, g.generation, g.rotated_at, g.request, g.idle_expires_at, g.revoked_at, g.claims
                FROM codes c JOIN grants g ON g.id = c.grant_id
                WHERE c.digest = $1 AND c.expires_at > $2 AND g.expires_at > $2
                """
            ),
            RecordedStatement(
                "i",
                """
                SELECT client_id FROM
                    (SELECT client_id, due_at FROM participations WHERE due_at <= $1 ORDER BY due_at LIMIT 5000) AS due
                GROUP BY client_id ORDER BY MIN(due_at), client_id LIMIT 200
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT client_id, grant_id, claims, expires_at FROM opaque_tokens WHERE digest = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT client_id, scope, given_at FROM consents WHERE user_id = $1 ORDER BY client_id, scope LIMIT 500
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT connector_id, subject, user_id, address, name, linked_at, last_used_at
                FROM linked_identities WHERE user_id = $1 ORDER BY linked_at, connector_id, subject LIMIT 100
                """
            ),
            RecordedStatement(
                "bi",
                """
                SELECT f.place, f.browser, f.user_id, f.methods, f.proven_at, f.expires_at
                FROM first_factors f JOIN users u ON u.id = f.user_id
                WHERE f.place = $1 AND f.expires_at > $2 AND u.disabled_at IS NULL
                    AND (u.signed_out_at IS NULL OR f.proven_at >= u.signed_out_at)
                """
            ),
            RecordedStatement(
                "tii",
                """
                SELECT g.user_id FROM grants g
                WHERE g.session_id = $1 AND g.survives_session = 0 AND g.revoked_at IS NULL AND g.expires_at > $3
                    AND NOT EXISTS
                        (SELECT 1 FROM sessions s WHERE s.user_id = g.user_id AND s.id = $1 AND s.expires_at > $3
                            AND COALESCE(s.last_used_at, s.authenticated_at) >= $2)
                LIMIT 1
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT given_name, family_name, middle_name, nickname, preferred_username, profile, picture, website, gender,
                    birthdate, zoneinfo, locale, phone_number, street_address, locality, region, postal_code, country,
                    translations
                FROM profiles WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT id, client_id, user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at,
                    generation, rotated_at, request, idle_expires_at, revoked_at, claims
                FROM grants WHERE id = $1 AND expires_at > $2
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                    mail_codes
                FROM users WHERE email = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                    mail_codes
                FROM users WHERE email > $1 ORDER BY email LIMIT $2
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                    mail_codes
                FROM users WHERE id = $1
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT id, kind, preset, name, settings, sealed_secret, position, created_at, updated_at, disabled_at
                FROM connectors ORDER BY position, id
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT id, kind, preset, name, settings, sealed_secret, position, created_at, updated_at, disabled_at
                FROM connectors WHERE id = $1
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT id, name, scopes, format, token_lifetime, grant_lifetime, algorithm, clients, created_at
                FROM resources ORDER BY id
                """
            ),
            RecordedStatement(
                "",
                """
                SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                    grant_types, scopes, party, own_sign_in, created_at, metadata, revision,
                    sealed_secret, former_secret_digest, former_sealed_secret, former_secret_expires_at,
                    registration_digest
                FROM clients ORDER BY id
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                    grant_types, scopes, party, own_sign_in, created_at, metadata, revision,
                    sealed_secret, former_secret_digest, former_sealed_secret, former_secret_expires_at,
                    registration_digest
                FROM clients WHERE id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT id, session_id, client_id, user_id, created_at, expires_at, ended_at, due_at, attempts, failure,
                    gave_up_at
                FROM participations WHERE id > $1 AND ended_at IS NOT NULL ORDER BY id LIMIT $2
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT id, session_id, client_id, user_id, created_at, expires_at, ended_at, due_at, attempts, failure,
                    gave_up_at
                FROM participations WHERE session_id = $1 AND ended_at IS NULL AND expires_at > $2
                ORDER BY client_id LIMIT 100
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT kind, name, source FROM memberships WHERE user_id = $1 ORDER BY kind, name, source
                """
            ),
            RecordedStatement(
                "tt",
                """
                SELECT l.connector_id, l.subject, l.user_id, l.address, l.name, l.linked_at, l.last_used_at
                FROM linked_identities l JOIN users u ON u.id = l.user_id WHERE l.connector_id = $1 AND l.subject = $2
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT name, COUNT(DISTINCT user_id) FROM memberships WHERE kind = $1 GROUP BY name ORDER BY name
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT password_hash FROM (SELECT id, password_hash FROM users WHERE id >= $1 ORDER BY id LIMIT 4) AS few
                WHERE password_hash IS NOT NULL ORDER BY id LIMIT 1
                """
            ),
            RecordedStatement(
                "t",
                """
                SELECT signed_out_at FROM users WHERE id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT u.id, u.email, u.is_email_verified, u.name, NULL, u.created_at, u.updated_at, u.disabled_at,
                    u.language, u.mail_codes, g.claims
                FROM grants g JOIN users u ON u.id = g.user_id
                WHERE g.id = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL AND u.disabled_at IS NULL
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT u.id, u.email, u.is_email_verified, u.name, NULL, u.created_at, u.updated_at, u.disabled_at,
                    u.language, u.mail_codes, g.claims, p.user_id, p.given_name, p.family_name, p.middle_name,
                    p.nickname, p.preferred_username, p.profile, p.picture, p.website, p.gender, p.birthdate,
                    p.zoneinfo, p.locale, p.phone_number, p.street_address, p.locality, p.region, p.postal_code,
                    p.country, p.translations
                FROM grants g JOIN users u ON u.id = g.user_id LEFT JOIN profiles p ON p.user_id = u.id
                WHERE g.id = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL AND u.disabled_at IS NULL
                """
            ),
            RecordedStatement(
                "tti",
                """
                SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                    u.expires_at
                FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
                WHERE u.connector_id = $1 AND u.provider_session = $2 AND s.expires_at > $3
                ORDER BY u.created_at, u.session_id LIMIT 100
                """
            ),
            RecordedStatement(
                "tti",
                """
                SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                    u.expires_at
                FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
                WHERE u.connector_id = $1 AND u.subject = $2 AND s.expires_at > $3
                ORDER BY u.created_at, u.session_id LIMIT 100
                """
            ),
            RecordedStatement(
                "ti",
                """
                SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                    u.expires_at
                FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
                WHERE u.session_id = $1 AND s.expires_at > $2
                """
            ),
            RecordedStatement(
                "tibii",
                """
                UPDATE audit_events SET sequence = $2, digest = $3
                WHERE id = $1 AND sequence IS NULL
                    AND (SELECT COUNT(*) FROM audit_events WHERE sequence > $2 AND sequence <= $4) = $5
                RETURNING 1
                """
            ),
            RecordedStatement(
                "tib",
                """
                UPDATE audit_events SET sequence = $2, digest = $3 WHERE id = $1 AND sequence IS NULL
                """
            ),
            RecordedStatement(
                "ttbttttttttiibbbib",
                """
                UPDATE clients SET name = $2, secret_digest = $3, authentication_methods = $4, redirect_uris = $5,
                    post_logout_redirect_uris = $6, grant_types = $7, scopes = $8, party = $9, own_sign_in = $10,
                    metadata = $11, revision = revision + 1, sealed_secret = $14, former_secret_digest = $15,
                    former_sealed_secret = $16, former_secret_expires_at = $17, registration_digest = $18
                WHERE id = $1 AND revision = $12 AND created_at = $13 RETURNING id
                """
            ),
            RecordedStatement(
                "ttttbiii",
                """
                UPDATE connectors SET preset = $2, name = $3, settings = $4, sealed_secret = $5, position = $6,
                    updated_at = $7, disabled_at = $8
                WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "tiibit",
                """
                UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = $5
                WHERE id = $1 AND generation = $2 AND client_id = $6 AND revoked_at IS NULL AND idle_expires_at > $3
                    AND expires_at > $3
                RETURNING user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at, claims
                """
            ),
            RecordedStatement(
                "tib",
                """
                UPDATE grants SET revoked_at = $2
                WHERE user_id = $1 AND survives_session = 0 AND revoked_at IS NULL
                    AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $3)
                """
            ),
            RecordedStatement(
                "tti",
                """
                UPDATE grants SET revoked_at = $3
                WHERE session_id = $1 AND user_id = $2 AND survives_session = 0 AND revoked_at IS NULL
                """
            ),
            RecordedStatement(
                "ttttti",
                """
                UPDATE linked_identities SET address = $4, name = $5, last_used_at = $6
                WHERE connector_id = $1 AND subject = $2 AND user_id = $3 RETURNING 1
                """
            ),
            RecordedStatement(
                "iiit",
                """
                UPDATE mails SET due_at = $2, attempts = attempts + 1
                WHERE id IN
                    (SELECT id FROM mails
                    WHERE gave_up_at IS NULL AND due_at <= $1 AND $4 LIKE '% ' || kind || ' %' ORDER BY due_at LIMIT $3)
                    AND gave_up_at IS NULL AND due_at <= $1
                RETURNING id, kind, recipient, proof, details, created_at, send_by, expires_at, due_at, attempts, failure,
                    gave_up_at, language
                """
            ),
            RecordedStatement(
                "tii",
                """
                UPDATE participations SET due_at = $2, expires_at = $3, attempts = (attempts / 1000 + 1) * 1000,
                    gave_up_at = NULL
                WHERE id = $1 AND ended_at IS NOT NULL RETURNING id
                """
            ),
            RecordedStatement(
                "tii",
                """
                UPDATE participations SET due_at = $3, attempts = attempts + 1
                WHERE id IN
                    (SELECT id FROM participations WHERE client_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT 1)
                    AND due_at <= $2
                RETURNING id, session_id, client_id, user_id, created_at, expires_at, ended_at, due_at, attempts, failure,
                    gave_up_at
                """
            ),
            RecordedStatement(
                "tii",
                """
                UPDATE participations SET due_at = $3, attempts = attempts - 1
                WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
                """
            ),
            RecordedStatement(
                "tiit",
                """
                UPDATE participations SET due_at = $3, failure = $4
                WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
                """
            ),
            RecordedStatement(
                "tiit",
                """
                UPDATE participations SET due_at = NULL, gave_up_at = $3, failure = $4
                WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
                """
            ),
            RecordedStatement(
                "bii",
                """
                UPDATE participations SET ended_at = $2, due_at = $2, expires_at = $3
                WHERE session_id IN (SELECT id FROM sessions WHERE digest = $1 AND expires_at > $2) AND ended_at IS NULL
                """
            ),
            RecordedStatement(
                "tiib",
                """
                UPDATE participations SET ended_at = $2, due_at = $2, expires_at = $3
                WHERE user_id = $1 AND ended_at IS NULL
                    AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $4)
                """
            ),
            RecordedStatement(
                "ttii",
                """
                UPDATE participations SET ended_at = $3, due_at = $3, expires_at = $4
                WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL
                """
            ),
            RecordedStatement(
                "bti",
                """
                UPDATE participations SET expires_at = $3
                WHERE session_id = $2 AND ended_at IS NULL AND expires_at < $3
                    AND EXISTS (SELECT 1 FROM sessions WHERE digest = $1 AND id = $2)
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE participations SET user_id = NULL,
                    expires_at = CASE WHEN ended_at IS NULL THEN expires_at + 604800000000 ELSE expires_at END,
                    due_at = CASE WHEN ended_at IS NULL THEN created_at ELSE due_at END,
                    ended_at = COALESCE(ended_at, created_at)
                WHERE user_id = $1
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE proofs SET link = NULL, code = NULL, password_hash = NULL WHERE email = $1 AND user_id IS NULL
                """
            ),
            RecordedStatement(
                "ttttiitt",
                """
                UPDATE resources SET name = $2, scopes = $3, format = $4, token_lifetime = $5, grant_lifetime = $6,
                    algorithm = $7, clients = $8
                WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "bttitiittibi",
                """
                UPDATE sessions SET digest = $1, authenticated_at = $4, methods = $5, started_at = $6,
                    last_used_at = $7, device = $8, network = $9, expires_at = $10
                WHERE digest = $11 AND expires_at > $12 AND id = $2 AND user_id = $3 RETURNING 1
                """
            ),
            RecordedStatement(
                "tiii",
                """
                UPDATE totp_keys SET confirmed_at = $4, last_step = $3
                WHERE user_id = $1 AND created_at = $2 AND confirmed_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                RETURNING 1
                """
            ),
            RecordedStatement(
                "tbb",
                """
                UPDATE upstream_sessions SET sealed_tokens = $3 WHERE session_id = $1 AND sealed_tokens = $2 RETURNING 1
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL RETURNING id
                """
            ),
            RecordedStatement(
                "ttibb",
                """
                UPDATE users SET email = $2, is_email_verified = 1, updated_at = $3, signed_out_at = $3,
                    password_hash = NULL, mail_codes = 'off'
                WHERE id = $1
                    AND EXISTS (SELECT 1 FROM recourses r WHERE r.id = $4 AND r.link = $5)
                    AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $2)
                RETURNING id
                """
            ),
            RecordedStatement(
                "tt",
                """
                UPDATE users SET language = $2 WHERE id = $1
                """
            ),
            RecordedStatement(
                "ttti",
                """
                UPDATE users SET mail_codes = $3 WHERE id = $1 AND mail_codes = $2
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                RETURNING id
                """
            ),
            RecordedStatement(
                "tti",
                """
                UPDATE users SET name = $2, updated_at = $3 WHERE id = $1 AND disabled_at IS NULL
                RETURNING id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at,
                    language, mail_codes
                """
            ),
            RecordedStatement(
                "t",
                """
                UPDATE users SET name = name WHERE id = $1 RETURNING id
                """
            ),
            RecordedStatement(
                "ttibb",
                """
                UPDATE users SET password_hash = $2, signed_out_at = $3,
                    mail_codes = CASE WHEN mail_codes = 'on' THEN 'after_recovery' ELSE mail_codes END
                WHERE id = $1 AND disabled_at IS NULL
                    AND EXISTS (SELECT 1 FROM proofs WHERE id = $4 AND link = $5 AND mails = -1)
                RETURNING id
                """
            ),
            RecordedStatement(
                "ttti",
                """
                UPDATE users SET password_hash = $3,
                    signed_out_at = CASE WHEN signed_out_at > $4 THEN signed_out_at ELSE $4 END
                WHERE id = $1 AND COALESCE(password_hash, '') = $2 AND disabled_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                RETURNING id
                """
            ),
            RecordedStatement(
                "tti",
                """
                UPDATE users SET password_hash = NULL
                WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL
                    AND EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = $1 AND p.is_user_verified = 1)
                    AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $3)
                RETURNING id
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE users SET signed_out_at = $2, password_hash = NULL, mail_codes = 'off' WHERE id = $1
                """
            ),
            RecordedStatement(
                "ti",
                """
                UPDATE users SET updated_at = $2 WHERE id = $1 AND disabled_at IS NULL RETURNING id
                """
            ),
        ]
    )
}
