/// The steps of the schema in SQLite's dialect.
///
/// Times are microseconds, sets are words parted by spaces, truth is 0 or 1. A table with short rows is its own index
/// (`WITHOUT ROWID`); one with long rows is not, because long keys make shallow trees deep.
enum SQLiteSchema {
    /// Tells our files from those of other programs: "MRTL" in the file's header.
    static let applicationID: Int64 = 0x4D52_544C

    /// What is there before the first step: whose file it is, and the list of steps.
    static let foundation: StaticString = """
        PRAGMA application_id = 1297241164;
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            checksum INTEGER NOT NULL,
            applied_at INTEGER NOT NULL
        );
        """

    static let first: StaticString = """
        CREATE TABLE versions (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO versions (name, value) VALUES ('configuration', 1);

        CREATE TABLE clients (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            secret_digest BLOB,
            authentication_methods TEXT NOT NULL,
            redirect_uris TEXT NOT NULL,
            post_logout_redirect_uris TEXT NOT NULL,
            grant_types TEXT NOT NULL,
            scopes TEXT NOT NULL,
            party TEXT NOT NULL,
            created_at INTEGER NOT NULL
        );

        CREATE TABLE users (
            id TEXT NOT NULL PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            is_email_verified INTEGER NOT NULL,
            name TEXT NOT NULL,
            password_hash TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            disabled_at INTEGER,
            signed_out_at INTEGER
        ) WITHOUT ROWID;

        CREATE TABLE sessions (
            digest BLOB NOT NULL PRIMARY KEY,
            id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            authenticated_at INTEGER NOT NULL,
            methods TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX sessions_user ON sessions (user_id);
        CREATE INDEX sessions_expiry ON sessions (expires_at);

        CREATE TABLE interactions (
            digest BLOB NOT NULL PRIMARY KEY,
            browser BLOB NOT NULL,
            client_id TEXT NOT NULL,
            request TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            session_id TEXT,
            finished_at INTEGER
        );
        CREATE INDEX interactions_expiry ON interactions (expires_at);

        CREATE TABLE codes (
            digest BLOB NOT NULL PRIMARY KEY,
            grant_id TEXT NOT NULL,
            client_id TEXT NOT NULL,
            redirect_uri TEXT NOT NULL,
            code_challenge TEXT NOT NULL,
            nonce TEXT,
            issued_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            redeemed_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX codes_expiry ON codes (expires_at);

        CREATE TABLE grants (
            id TEXT NOT NULL PRIMARY KEY,
            client_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            session_id TEXT NOT NULL,
            scopes TEXT NOT NULL,
            survives_session INTEGER NOT NULL,
            authenticated_at INTEGER NOT NULL,
            methods TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            generation INTEGER,
            rotated_at INTEGER,
            request BLOB,
            idle_expires_at INTEGER,
            revoked_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX grants_client ON grants (client_id);
        CREATE INDEX grants_user ON grants (user_id);
        CREATE INDEX grants_session ON grants (session_id);
        CREATE INDEX grants_expiry ON grants (expires_at);

        CREATE TABLE consents (
            user_id TEXT NOT NULL,
            client_id TEXT NOT NULL,
            scope TEXT NOT NULL,
            given_at INTEGER NOT NULL,
            PRIMARY KEY (user_id, client_id, scope)
        ) WITHOUT ROWID;
        CREATE INDEX consents_client ON consents (client_id);

        CREATE TABLE signing_keys (
            id TEXT NOT NULL PRIMARY KEY,
            algorithm TEXT NOT NULL,
            sealed BLOB NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    static let second: StaticString = """
        ALTER TABLE schema_migrations ADD COLUMN compatible_from INTEGER NOT NULL DEFAULT 1;
        """

    static let third: StaticString = """
        CREATE TABLE sign_in_attempts (
            digest BLOB NOT NULL PRIMARY KEY,
            failures INTEGER NOT NULL,
            locked_until INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX sign_in_attempts_expiry ON sign_in_attempts (expires_at);

        CREATE TABLE mails (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            recipient TEXT NOT NULL,
            proof BLOB,
            created_at INTEGER NOT NULL,
            send_by INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            failure TEXT,
            gave_up_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX mails_due ON mails (due_at) WHERE gave_up_at IS NULL;
        CREATE INDEX mails_expiry ON mails (expires_at);

        CREATE TABLE proofs (
            id BLOB NOT NULL PRIMARY KEY,
            purpose TEXT NOT NULL,
            email TEXT NOT NULL,
            user_id TEXT,
            name TEXT NOT NULL,
            password_hash TEXT,
            browser BLOB,
            interaction TEXT,
            link BLOB,
            code BLOB,
            code_expires_at INTEGER,
            guesses INTEGER NOT NULL,
            mails INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX proofs_link ON proofs (link);
        CREATE INDEX proofs_user ON proofs (user_id);
        CREATE INDEX proofs_expiry ON proofs (expires_at);

        ALTER TABLE sessions ADD COLUMN started_at INTEGER;
        ALTER TABLE sessions ADD COLUMN last_used_at INTEGER;
        ALTER TABLE sessions ADD COLUMN device TEXT;
        ALTER TABLE sessions ADD COLUMN network TEXT;

        CREATE TABLE totp_keys (
            user_id TEXT NOT NULL PRIMARY KEY,
            sealed BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            confirmed_at INTEGER,
            last_step INTEGER
        ) WITHOUT ROWID;

        CREATE TABLE recovery_codes (
            user_id TEXT NOT NULL,
            digest BLOB NOT NULL,
            PRIMARY KEY (user_id, digest)
        ) WITHOUT ROWID;

        CREATE TABLE remembered_devices (
            digest BLOB NOT NULL PRIMARY KEY,
            user_id TEXT NOT NULL,
            device TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX remembered_devices_user ON remembered_devices (user_id);
        CREATE INDEX remembered_devices_expiry ON remembered_devices (expires_at);

        CREATE TABLE first_factors (
            place BLOB NOT NULL PRIMARY KEY,
            browser BLOB NOT NULL,
            user_id TEXT NOT NULL,
            proven_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX first_factors_user ON first_factors (user_id);
        CREATE INDEX first_factors_expiry ON first_factors (expires_at);
        """

    static let fourth: StaticString = """
        -- Security events in their chain; an event without a place waits for it.
        CREATE TABLE audit_events (
            id TEXT NOT NULL PRIMARY KEY,
            happened_at INTEGER NOT NULL,
            action TEXT NOT NULL,
            outcome TEXT NOT NULL,
            actor TEXT NOT NULL,
            subject TEXT,
            client_id TEXT,
            request_id TEXT,
            network TEXT,
            details TEXT,
            personal BLOB,
            sequence INTEGER,
            digest BLOB
        );
        CREATE UNIQUE INDEX audit_events_sequence ON audit_events (sequence);
        CREATE INDEX audit_events_unlinked ON audit_events (id) WHERE sequence IS NULL;
        CREATE INDEX audit_events_subject ON audit_events (subject, id) WHERE subject IS NOT NULL;

        CREATE TABLE audit_checkpoints (
            sequence INTEGER NOT NULL PRIMARY KEY,
            token TEXT NOT NULL,
            public_key TEXT NOT NULL
        );

        CREATE TABLE person_keys (
            user_id TEXT NOT NULL PRIMARY KEY,
            sealed BLOB
        ) WITHOUT ROWID;

        ALTER TABLE mails ADD COLUMN details TEXT;
        ALTER TABLE mails ADD COLUMN language TEXT;

        CREATE TABLE recourses (
            id BLOB NOT NULL PRIMARY KEY,
            purpose TEXT NOT NULL,
            user_id TEXT NOT NULL,
            email TEXT NOT NULL,
            link BLOB,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX recourses_link ON recourses (link);
        CREATE INDEX recourses_user ON recourses (user_id);
        CREATE INDEX recourses_expiry ON recourses (expires_at);

        CREATE TABLE account_freezes (
            user_id TEXT NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX account_freezes_expiry ON account_freezes (expires_at);

        CREATE TABLE account_deletions (
            user_id TEXT NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX account_deletions_expiry ON account_deletions (expires_at);

        ALTER TABLE clients ADD COLUMN own_sign_in TEXT NOT NULL DEFAULT 'none';

        CREATE TABLE passkeys (
            credential_id BLOB NOT NULL PRIMARY KEY,
            user_id TEXT NOT NULL,
            user_handle BLOB NOT NULL,
            public_key BLOB NOT NULL,
            sign_count INTEGER NOT NULL,
            is_backup_eligible INTEGER NOT NULL,
            is_backed_up INTEGER NOT NULL,
            is_user_verified INTEGER NOT NULL,
            aaguid BLOB NOT NULL,
            transports TEXT NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX passkeys_user ON passkeys (user_id);

        CREATE TABLE spent_challenges (
            digest BLOB NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX spent_challenges_expiry ON spent_challenges (expires_at);
        """

    static let fifthLogout: StaticString = """
        -- Which clients take part in which session, and which are to be told of its end.
        CREATE TABLE participations (
            session_id TEXT NOT NULL,
            client_id TEXT NOT NULL,
            id TEXT NOT NULL,
            user_id TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            ended_at INTEGER,
            due_at INTEGER,
            attempts INTEGER NOT NULL,
            failure TEXT,
            gave_up_at INTEGER,
            PRIMARY KEY (session_id, client_id)
        ) WITHOUT ROWID;
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
            user_id TEXT NOT NULL PRIMARY KEY,
            given_name TEXT,
            family_name TEXT,
            middle_name TEXT,
            nickname TEXT,
            preferred_username TEXT,
            profile TEXT,
            picture TEXT,
            website TEXT,
            gender TEXT,
            birthdate TEXT,
            zoneinfo TEXT,
            locale TEXT,
            phone_number TEXT,
            street_address TEXT,
            locality TEXT,
            region TEXT,
            postal_code TEXT,
            country TEXT,
            translations TEXT
        ) WITHOUT ROWID;

        ALTER TABLE grants ADD COLUMN claims TEXT;
        """

    static let fifthResources: StaticString = """
        -- What access tokens are for, those that say nothing themselves, and groups and roles of people.
        CREATE TABLE resources (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            scopes TEXT NOT NULL,
            format TEXT NOT NULL,
            token_lifetime INTEGER,
            grant_lifetime INTEGER,
            algorithm TEXT,
            clients TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE opaque_tokens (
            digest BLOB NOT NULL PRIMARY KEY,
            client_id TEXT NOT NULL,
            grant_id TEXT,
            claims TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX opaque_tokens_expiry ON opaque_tokens (expires_at);

        CREATE TABLE memberships (
            user_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (user_id, kind, name, source)
        ) WITHOUT ROWID;
        CREATE INDEX memberships_name ON memberships (kind, name, user_id);
        """

    static let fifthClients: StaticString = """
        -- The members of RFC 7591 and its kin that have no column, as one JSON object.
        ALTER TABLE clients ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE clients ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clients ADD COLUMN sealed_secret BLOB;
        ALTER TABLE clients ADD COLUMN former_secret_digest BLOB;
        ALTER TABLE clients ADD COLUMN former_sealed_secret BLOB;
        ALTER TABLE clients ADD COLUMN former_secret_expires_at INTEGER;
        ALTER TABLE clients ADD COLUMN registration_digest BLOB;
        """

    static let fifthProofs: StaticString = """
        -- What else was to make an account of an address is ended with the first.
        CREATE INDEX proofs_email ON proofs (email) WHERE user_id IS NULL;
        """

    static let fifthPeople: StaticString = """
        -- People: the language in which they last signed in; codes by mail as a second factor.
        ALTER TABLE users ADD COLUMN language TEXT;
        ALTER TABLE users ADD COLUMN mail_codes TEXT NOT NULL DEFAULT 'off';
        """

    static let sixthAccounts: StaticString = """
        -- Sessions of people who wished to stay signed in.
        ALTER TABLE sessions ADD COLUMN is_remembered INTEGER NOT NULL DEFAULT 0;
        """

    static let sixthTokens: StaticString = """
        -- Opaque tokens are found by the grant that they came of, and by their client, when these go.
        CREATE INDEX opaque_tokens_grant ON opaque_tokens (grant_id) WHERE grant_id IS NOT NULL;
        CREATE INDEX opaque_tokens_client ON opaque_tokens (client_id);
        -- Which clients are to be told something: from one to the next, however much each is to be told.
        CREATE INDEX participations_untold ON participations (client_id, due_at) WHERE due_at IS NOT NULL;
        """
}
