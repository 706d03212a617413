/// The steps of the schema in PostgreSQL's dialect: the tables and columns of SQLite's, under the same numbers.
///
/// Text is compared byte by byte (`COLLATE "C"`), as SQLite does and as the order of the stores promises. Rows that are
/// changed in place have room beside them, so that a change touches no index.
enum PostgreSQLSchema {
    /// What is there before the first step: the list of steps.
    static let foundation: StaticString = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number bigint NOT NULL PRIMARY KEY,
            name text NOT NULL,
            checksum bigint NOT NULL,
            applied_at bigint NOT NULL
        );
        """

    static let first: StaticString = """
        CREATE TABLE versions (
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            value bigint NOT NULL
        ) WITH (fillfactor = 50);
        INSERT INTO versions (name, value) VALUES ('configuration', 1);

        -- Nodes listen, so that they need not wait for their next look at the version.
        CREATE FUNCTION announce_version() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_notify('martlet', TG_TABLE_SCHEMA);
                RETURN NULL;
            END
        $$;
        CREATE TRIGGER versions_announced AFTER UPDATE ON versions
            FOR EACH ROW EXECUTE FUNCTION announce_version();

        CREATE TABLE clients (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            secret_digest bytea,
            authentication_methods text COLLATE "C" NOT NULL,
            redirect_uris text COLLATE "C" NOT NULL,
            post_logout_redirect_uris text COLLATE "C" NOT NULL,
            grant_types text COLLATE "C" NOT NULL,
            scopes text COLLATE "C" NOT NULL,
            party text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL
        );

        CREATE TABLE users (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            email text COLLATE "C" NOT NULL UNIQUE,
            is_email_verified bigint NOT NULL,
            name text COLLATE "C" NOT NULL,
            password_hash text COLLATE "C",
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            disabled_at bigint,
            signed_out_at bigint
        ) WITH (fillfactor = 90);

        CREATE TABLE sessions (
            digest bytea NOT NULL PRIMARY KEY,
            id text COLLATE "C" NOT NULL,
            user_id text COLLATE "C" NOT NULL,
            authenticated_at bigint NOT NULL,
            methods text COLLATE "C" NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX sessions_user ON sessions (user_id);
        CREATE INDEX sessions_expiry ON sessions (expires_at);

        CREATE TABLE interactions (
            digest bytea NOT NULL PRIMARY KEY,
            browser bytea NOT NULL,
            client_id text COLLATE "C" NOT NULL,
            request text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            session_id text COLLATE "C",
            finished_at bigint
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX interactions_expiry ON interactions (expires_at);

        CREATE TABLE codes (
            digest bytea NOT NULL PRIMARY KEY,
            grant_id text COLLATE "C" NOT NULL,
            client_id text COLLATE "C" NOT NULL,
            redirect_uri text COLLATE "C" NOT NULL,
            code_challenge text COLLATE "C" NOT NULL,
            nonce text COLLATE "C",
            issued_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            redeemed_at bigint
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX codes_expiry ON codes (expires_at);

        CREATE TABLE grants (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            client_id text COLLATE "C" NOT NULL,
            user_id text COLLATE "C" NOT NULL,
            session_id text COLLATE "C" NOT NULL,
            scopes text COLLATE "C" NOT NULL,
            survives_session bigint NOT NULL,
            authenticated_at bigint NOT NULL,
            methods text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            generation bigint,
            rotated_at bigint,
            request bytea,
            idle_expires_at bigint,
            revoked_at bigint
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
        CREATE INDEX grants_client ON grants (client_id);
        CREATE INDEX grants_user ON grants (user_id);
        CREATE INDEX grants_session ON grants (session_id);
        CREATE INDEX grants_expiry ON grants (expires_at);

        CREATE TABLE consents (
            user_id text COLLATE "C" NOT NULL,
            client_id text COLLATE "C" NOT NULL,
            scope text COLLATE "C" NOT NULL,
            given_at bigint NOT NULL,
            PRIMARY KEY (user_id, client_id, scope)
        );
        CREATE INDEX consents_client ON consents (client_id);

        CREATE TABLE signing_keys (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            algorithm text COLLATE "C" NOT NULL,
            sealed bytea NOT NULL,
            state text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            changed_at bigint NOT NULL
        );
        """

    static let second: StaticString = """
        ALTER TABLE schema_migrations ADD COLUMN compatible_from bigint NOT NULL DEFAULT 1;
        """

    static let third: StaticString = """
        CREATE TABLE sign_in_attempts (
            digest bytea NOT NULL PRIMARY KEY,
            failures bigint NOT NULL,
            locked_until bigint NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX sign_in_attempts_expiry ON sign_in_attempts (expires_at);

        CREATE TABLE mails (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            kind text COLLATE "C" NOT NULL,
            recipient text COLLATE "C" NOT NULL,
            proof bytea,
            created_at bigint NOT NULL,
            send_by bigint NOT NULL,
            expires_at bigint NOT NULL,
            due_at bigint NOT NULL,
            attempts bigint NOT NULL,
            failure text COLLATE "C",
            gave_up_at bigint
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX mails_due ON mails (due_at) WHERE gave_up_at IS NULL;
        CREATE INDEX mails_expiry ON mails (expires_at);

        CREATE TABLE proofs (
            id bytea NOT NULL PRIMARY KEY,
            purpose text COLLATE "C" NOT NULL,
            email text COLLATE "C" NOT NULL,
            user_id text COLLATE "C",
            name text COLLATE "C" NOT NULL,
            password_hash text COLLATE "C",
            browser bytea,
            interaction text COLLATE "C",
            link bytea,
            code bytea,
            code_expires_at bigint,
            guesses bigint NOT NULL,
            mails bigint NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE UNIQUE INDEX proofs_link ON proofs (link);
        CREATE INDEX proofs_user ON proofs (user_id);
        CREATE INDEX proofs_expiry ON proofs (expires_at);

        -- The last use is written in place.
        ALTER TABLE sessions SET (fillfactor = 80);
        ALTER TABLE sessions ADD COLUMN started_at bigint;
        ALTER TABLE sessions ADD COLUMN last_used_at bigint;
        ALTER TABLE sessions ADD COLUMN device text COLLATE "C";
        ALTER TABLE sessions ADD COLUMN network text COLLATE "C";

        CREATE TABLE totp_keys (
            user_id text COLLATE "C" NOT NULL PRIMARY KEY,
            sealed bytea NOT NULL,
            created_at bigint NOT NULL,
            confirmed_at bigint,
            last_step bigint
        ) WITH (fillfactor = 90);

        CREATE TABLE recovery_codes (
            user_id text COLLATE "C" NOT NULL,
            digest bytea NOT NULL,
            PRIMARY KEY (user_id, digest)
        );

        CREATE TABLE remembered_devices (
            digest bytea NOT NULL PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            device text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE INDEX remembered_devices_user ON remembered_devices (user_id);
        CREATE INDEX remembered_devices_expiry ON remembered_devices (expires_at);

        CREATE TABLE first_factors (
            place bytea NOT NULL PRIMARY KEY,
            browser bytea NOT NULL,
            user_id text COLLATE "C" NOT NULL,
            proven_at bigint NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX first_factors_user ON first_factors (user_id);
        CREATE INDEX first_factors_expiry ON first_factors (expires_at);
        """

    static let fourth: StaticString = """
        -- Security events in their chain; an event without a place waits for it.
        CREATE TABLE audit_events (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            happened_at bigint NOT NULL,
            action text COLLATE "C" NOT NULL,
            outcome text COLLATE "C" NOT NULL,
            actor text COLLATE "C" NOT NULL,
            subject text COLLATE "C",
            client_id text COLLATE "C",
            request_id text COLLATE "C",
            network text COLLATE "C",
            details text COLLATE "C",
            personal bytea,
            sequence bigint,
            digest bytea
        ) WITH (autovacuum_vacuum_scale_factor = 0.05);
        CREATE UNIQUE INDEX audit_events_sequence ON audit_events (sequence);
        CREATE INDEX audit_events_unlinked ON audit_events (id) WHERE sequence IS NULL;
        CREATE INDEX audit_events_subject ON audit_events (subject, id) WHERE subject IS NOT NULL;

        CREATE TABLE audit_checkpoints (
            sequence bigint NOT NULL PRIMARY KEY,
            token text COLLATE "C" NOT NULL,
            public_key text COLLATE "C" NOT NULL
        );

        CREATE TABLE person_keys (
            user_id text COLLATE "C" NOT NULL PRIMARY KEY,
            sealed bytea
        );

        ALTER TABLE mails ADD COLUMN details text COLLATE "C";
        ALTER TABLE mails ADD COLUMN language text COLLATE "C";

        CREATE TABLE recourses (
            id bytea NOT NULL PRIMARY KEY,
            purpose text COLLATE "C" NOT NULL,
            user_id text COLLATE "C" NOT NULL,
            email text COLLATE "C" NOT NULL,
            link bytea,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
        CREATE UNIQUE INDEX recourses_link ON recourses (link);
        CREATE INDEX recourses_user ON recourses (user_id);
        CREATE INDEX recourses_expiry ON recourses (expires_at);

        CREATE TABLE account_freezes (
            user_id text COLLATE "C" NOT NULL PRIMARY KEY,
            expires_at bigint NOT NULL
        );
        CREATE INDEX account_freezes_expiry ON account_freezes (expires_at);

        CREATE TABLE account_deletions (
            user_id text COLLATE "C" NOT NULL PRIMARY KEY,
            expires_at bigint NOT NULL
        );
        CREATE INDEX account_deletions_expiry ON account_deletions (expires_at);

        ALTER TABLE clients ADD COLUMN own_sign_in text COLLATE "C" NOT NULL DEFAULT 'none';

        CREATE TABLE passkeys (
            credential_id bytea NOT NULL PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL,
            user_handle bytea NOT NULL,
            public_key bytea NOT NULL,
            sign_count bigint NOT NULL,
            is_backup_eligible bigint NOT NULL,
            is_backed_up bigint NOT NULL,
            is_user_verified bigint NOT NULL,
            aaguid bytea NOT NULL,
            transports text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            last_used_at bigint
        ) WITH (fillfactor = 80);
        CREATE INDEX passkeys_user ON passkeys (user_id);

        CREATE TABLE spent_challenges (
            digest bytea NOT NULL PRIMARY KEY,
            expires_at bigint NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX spent_challenges_expiry ON spent_challenges (expires_at);
        """

    static let fifthLogout: StaticString = """
        -- Which clients take part in which session, and which are to be told of its end.
        CREATE TABLE participations (
            session_id text COLLATE "C" NOT NULL,
            client_id text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            user_id text COLLATE "C",
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            ended_at bigint,
            due_at bigint,
            attempts bigint NOT NULL,
            failure text COLLATE "C",
            gave_up_at bigint,
            PRIMARY KEY (session_id, client_id)
        ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
        CREATE UNIQUE INDEX participations_id ON participations (id);
        CREATE INDEX participations_user ON participations (user_id) WHERE user_id IS NOT NULL;
        CREATE INDEX participations_client ON participations (client_id, due_at);
        CREATE INDEX participations_due ON participations (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX participations_given_up ON participations (gave_up_at) WHERE gave_up_at IS NOT NULL;
        CREATE INDEX participations_expiry ON participations (expires_at);
        """

    static let fifthProfiles: StaticString = """
        -- What people tell of themselves, and what was asked for by name.
        CREATE TABLE profiles (
            user_id text COLLATE "C" NOT NULL PRIMARY KEY,
            given_name text COLLATE "C",
            family_name text COLLATE "C",
            middle_name text COLLATE "C",
            nickname text COLLATE "C",
            preferred_username text COLLATE "C",
            profile text COLLATE "C",
            picture text COLLATE "C",
            website text COLLATE "C",
            gender text COLLATE "C",
            birthdate text COLLATE "C",
            zoneinfo text COLLATE "C",
            locale text COLLATE "C",
            phone_number text COLLATE "C",
            street_address text COLLATE "C",
            locality text COLLATE "C",
            region text COLLATE "C",
            postal_code text COLLATE "C",
            country text COLLATE "C",
            translations text COLLATE "C"
        ) WITH (fillfactor = 80);

        ALTER TABLE grants ADD COLUMN claims text COLLATE "C";
        """

    static let fifthResources: StaticString = """
        -- What access tokens are for, those that say nothing themselves, and groups and roles of people.
        CREATE TABLE resources (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            name text COLLATE "C" NOT NULL,
            scopes text COLLATE "C" NOT NULL,
            format text COLLATE "C" NOT NULL,
            token_lifetime bigint,
            grant_lifetime bigint,
            algorithm text COLLATE "C",
            clients text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL
        );

        CREATE TABLE opaque_tokens (
            digest bytea NOT NULL PRIMARY KEY,
            client_id text COLLATE "C" NOT NULL,
            grant_id text COLLATE "C",
            claims text COLLATE "C" NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX opaque_tokens_expiry ON opaque_tokens (expires_at);

        CREATE TABLE memberships (
            user_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            source text COLLATE "C" NOT NULL,
            PRIMARY KEY (user_id, kind, name, source)
        );
        CREATE INDEX memberships_name ON memberships (kind, name, user_id);
        """

    static let fifthClients: StaticString = """
        -- The members of RFC 7591 and its kin that have no column, as one JSON object.
        ALTER TABLE clients ADD COLUMN metadata text COLLATE "C" NOT NULL DEFAULT '{}';
        ALTER TABLE clients ADD COLUMN revision bigint NOT NULL DEFAULT 0;
        ALTER TABLE clients ADD COLUMN sealed_secret bytea;
        ALTER TABLE clients ADD COLUMN former_secret_digest bytea;
        ALTER TABLE clients ADD COLUMN former_sealed_secret bytea;
        ALTER TABLE clients ADD COLUMN former_secret_expires_at bigint;
        ALTER TABLE clients ADD COLUMN registration_digest bytea;
        """

    static let fifthProofs: StaticString = """
        -- What else was to make an account of an address is ended with the first.
        CREATE INDEX proofs_email ON proofs (email) WHERE user_id IS NULL;
        """

    static let fifthPeople: StaticString = """
        -- People: the language in which they last signed in; codes by mail as a second factor.
        ALTER TABLE users ADD COLUMN language text COLLATE "C";
        ALTER TABLE users ADD COLUMN mail_codes text COLLATE "C" NOT NULL DEFAULT 'off';
        """

    static let sixthAccounts: StaticString = """
        -- Sessions of people who wished to stay signed in.
        ALTER TABLE sessions ADD COLUMN is_remembered bigint NOT NULL DEFAULT 0;
        """

    static let sixthTokens: StaticString = """
        -- Opaque tokens are found by the grant that they came of, and by their client, when these go.
        CREATE INDEX opaque_tokens_grant ON opaque_tokens (grant_id) WHERE grant_id IS NOT NULL;
        CREATE INDEX opaque_tokens_client ON opaque_tokens (client_id);
        -- Which clients are to be told something: from one to the next, however much each is to be told.
        CREATE INDEX participations_untold ON participations (client_id, due_at) WHERE due_at IS NOT NULL;
        """
}
