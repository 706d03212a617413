extension PostgreSQLSchema {
    /// Connectors, and who is known by them; `ways_in` is the one place that says what opens an account.
    static let fifthConnectors: StaticString = """
        CREATE TABLE connectors (
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            kind text COLLATE "C" NOT NULL,
            preset text COLLATE "C",
            name text COLLATE "C" NOT NULL,
            settings text COLLATE "C" NOT NULL,
            sealed_secret bytea,
            position bigint NOT NULL,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            disabled_at bigint
        );

        CREATE TABLE linked_identities (
            connector_id text COLLATE "C" NOT NULL,
            subject text COLLATE "C" NOT NULL,
            user_id text COLLATE "C" NOT NULL,
            address text COLLATE "C",
            name text COLLATE "C",
            linked_at bigint NOT NULL,
            last_used_at bigint,
            PRIMARY KEY (connector_id, subject)
        ) WITH (fillfactor = 80);
        CREATE INDEX linked_identities_user ON linked_identities (user_id);

        CREATE TABLE upstream_sessions (
            session_id text COLLATE "C" NOT NULL PRIMARY KEY,
            connector_id text COLLATE "C" NOT NULL,
            subject text COLLATE "C" NOT NULL,
            provider_session text COLLATE "C",
            user_id text COLLATE "C" NOT NULL,
            sealed_tokens bytea,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX upstream_sessions_subject ON upstream_sessions (connector_id, subject);
        CREATE INDEX upstream_sessions_provider ON upstream_sessions (connector_id, provider_session);
        CREATE INDEX upstream_sessions_user ON upstream_sessions (user_id);
        CREATE INDEX upstream_sessions_expiry ON upstream_sessions (expires_at);

        CREATE VIEW ways_in (user_id, connector_id, subject) AS
            SELECT linked_identities.user_id, linked_identities.connector_id, linked_identities.subject
                FROM linked_identities JOIN connectors ON connectors.id = linked_identities.connector_id
                WHERE connectors.disabled_at IS NULL
            UNION ALL SELECT user_id, NULL COLLATE "C", NULL COLLATE "C" FROM passkeys
            UNION ALL SELECT id, NULL COLLATE "C", NULL COLLATE "C" FROM users WHERE password_hash IS NOT NULL;

        ALTER TABLE first_factors ADD COLUMN methods text COLLATE "C" NOT NULL DEFAULT 'pwd';
        """

    /// What each source says of a person's profile, people of connectors who wait, and links that came with their account.
    static let sixthFederation: StaticString = """
        CREATE TABLE profile_sources (
            user_id text COLLATE "C" NOT NULL,
            source text COLLATE "C" NOT NULL,
            told text COLLATE "C" NOT NULL,
            told_at bigint NOT NULL,
            PRIMARY KEY (user_id, source)
        ) WITH (fillfactor = 80);

        CREATE TABLE pending_identities (
            digest bytea NOT NULL PRIMARY KEY,
            browser bytea NOT NULL,
            connector_id text COLLATE "C" NOT NULL,
            subject text COLLATE "C" NOT NULL,
            provider_session text COLLATE "C",
            user_id text COLLATE "C",
            sealed bytea NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL
        );
        CREATE INDEX pending_identities_subject ON pending_identities (connector_id, subject);
        CREATE INDEX pending_identities_provider ON pending_identities (connector_id, provider_session);
        CREATE INDEX pending_identities_user ON pending_identities (user_id);
        CREATE INDEX pending_identities_expiry ON pending_identities (expires_at);

        ALTER TABLE first_factors ADD COLUMN identity bytea;
        ALTER TABLE linked_identities ADD COLUMN is_founding bigint NOT NULL DEFAULT 0;
        """

    /// What programs of the fifth step left undone, and what they leave undone while they run beside this one.
    static let sixthRemains: StaticString = """
        -- Links that came with their account; a program read the clock twice for them. One marked wrongly costs its owner
        -- one more linking, once they choose a new password by mail.
        UPDATE linked_identities SET is_founding = 1 WHERE EXISTS (SELECT 1 FROM users u
            WHERE u.id = linked_identities.user_id AND u.email = linked_identities.address
                AND linked_identities.linked_at >= u.created_at
                AND linked_identities.linked_at < u.created_at + 60000000);

        -- A connector that is gone says nothing of anybody.
        DELETE FROM memberships WHERE source <> ''
            AND NOT EXISTS (SELECT 1 FROM connectors c WHERE c.id = memberships.source);

        -- By what a removed connector said, its rows are found.
        CREATE INDEX memberships_source ON memberships (source, user_id);
        CREATE INDEX profile_sources_source ON profile_sources (source, user_id);

        -- They erase people without a word to tables that they do not know: the row of the key is what they write last.
        -- Not by the account, which a move takes out and puts back; and not of one that was imported again.
        CREATE FUNCTION forget_erased_person() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                is_there boolean;
            BEGIN
                EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.users WHERE id = $1)', TG_TABLE_SCHEMA)
                    INTO is_there USING NEW.user_id;
                IF NOT is_there THEN
                    EXECUTE format('DELETE FROM %I.profile_sources WHERE user_id = $1', TG_TABLE_SCHEMA)
                        USING NEW.user_id;
                    EXECUTE format('DELETE FROM %I.pending_identities WHERE user_id = $1', TG_TABLE_SCHEMA)
                        USING NEW.user_id;
                END IF;
                RETURN NULL;
            END
        $$;
        CREATE TRIGGER person_keys_erased AFTER INSERT OR UPDATE OF sealed ON person_keys
            FOR EACH ROW WHEN (NEW.sealed IS NULL) EXECUTE FUNCTION forget_erased_person();
        """
}
