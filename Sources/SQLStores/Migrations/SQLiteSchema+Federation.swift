extension SQLiteSchema {
    /// Connectors, and who is known by them; `ways_in` is the one place that says what opens an account.
    static let fifthConnectors: StaticString = """
        CREATE TABLE connectors (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            preset TEXT,
            name TEXT NOT NULL,
            settings TEXT NOT NULL,
            sealed_secret BLOB,
            position INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            disabled_at INTEGER
        );

        CREATE TABLE linked_identities (
            connector_id TEXT NOT NULL,
            subject TEXT NOT NULL,
            user_id TEXT NOT NULL,
            address TEXT,
            name TEXT,
            linked_at INTEGER NOT NULL,
            last_used_at INTEGER,
            PRIMARY KEY (connector_id, subject)
        ) WITHOUT ROWID;
        CREATE INDEX linked_identities_user ON linked_identities (user_id);

        CREATE TABLE upstream_sessions (
            session_id TEXT NOT NULL PRIMARY KEY,
            connector_id TEXT NOT NULL,
            subject TEXT NOT NULL,
            provider_session TEXT,
            user_id TEXT NOT NULL,
            sealed_tokens BLOB,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX upstream_sessions_subject ON upstream_sessions (connector_id, subject);
        CREATE INDEX upstream_sessions_provider ON upstream_sessions (connector_id, provider_session);
        CREATE INDEX upstream_sessions_user ON upstream_sessions (user_id);
        CREATE INDEX upstream_sessions_expiry ON upstream_sessions (expires_at);

        CREATE VIEW ways_in (user_id, connector_id, subject) AS
            SELECT linked_identities.user_id, linked_identities.connector_id, linked_identities.subject
                FROM linked_identities JOIN connectors ON connectors.id = linked_identities.connector_id
                WHERE connectors.disabled_at IS NULL
            UNION ALL SELECT user_id, NULL, NULL FROM passkeys
            UNION ALL SELECT id, NULL, NULL FROM users WHERE password_hash IS NOT NULL;

        ALTER TABLE first_factors ADD COLUMN methods TEXT NOT NULL DEFAULT 'pwd';
        """

    /// What each source says of a person's profile, people of connectors who wait, and links that came with their account.
    static let sixthFederation: StaticString = """
        CREATE TABLE profile_sources (
            user_id TEXT NOT NULL,
            source TEXT NOT NULL,
            told TEXT NOT NULL,
            told_at INTEGER NOT NULL,
            PRIMARY KEY (user_id, source)
        ) WITHOUT ROWID;

        CREATE TABLE pending_identities (
            digest BLOB NOT NULL PRIMARY KEY,
            browser BLOB NOT NULL,
            connector_id TEXT NOT NULL,
            subject TEXT NOT NULL,
            provider_session TEXT,
            user_id TEXT,
            sealed BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX pending_identities_subject ON pending_identities (connector_id, subject);
        CREATE INDEX pending_identities_provider ON pending_identities (connector_id, provider_session);
        CREATE INDEX pending_identities_user ON pending_identities (user_id);
        CREATE INDEX pending_identities_expiry ON pending_identities (expires_at);

        ALTER TABLE first_factors ADD COLUMN identity BLOB;
        ALTER TABLE linked_identities ADD COLUMN is_founding INTEGER NOT NULL DEFAULT 0;
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
        CREATE TRIGGER person_keys_erased_new AFTER INSERT ON person_keys
            WHEN NEW.sealed IS NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
            BEGIN
                DELETE FROM profile_sources WHERE user_id = NEW.user_id;
                DELETE FROM pending_identities WHERE user_id = NEW.user_id;
            END;
        CREATE TRIGGER person_keys_erased AFTER UPDATE OF sealed ON person_keys
            WHEN NEW.sealed IS NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
            BEGIN
                DELETE FROM profile_sources WHERE user_id = NEW.user_id;
                DELETE FROM pending_identities WHERE user_id = NEW.user_id;
            END;
        """
}
