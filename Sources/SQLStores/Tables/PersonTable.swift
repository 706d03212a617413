import OAuthTypes
import Stores

/// What holds a person's records together; of whoever was erased the row of the key stays, without a key.
struct PersonTable<Database: SQLDatabase>: PersonStore {
    let database: TimedDatabase<Database>

    func key(of person: UserID) async throws -> [UInt8]? {
        try await database.read(
            .findPersonKey, "SELECT sealed FROM person_keys WHERE user_id = $1", [.id(person)]
        ).first.flatMap(Self.sealed)
    }

    func keep(_ sealed: [UInt8], of person: UserID) async throws -> [UInt8]? {
        try await database.write(
            .keepPersonKey,
            """
            INSERT INTO person_keys (user_id, sealed) VALUES ($1, $2)
            ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id RETURNING sealed
            """,
            [.id(person), .bytes(sealed)]
        ).first.flatMap(Self.sealed)
    }

    func erase(_ person: UserID, recording event: AuditEvent) async throws -> Bool {
        try await !database.write(
            .erasePerson, PersonTable.commands(PersonTable.byAddress, person),
            then: PersonTable.commands(PersonTable.belongings, person) + [event.insertion]
        ).isEmpty
    }

    /// The same for every person.
    static func commands(_ texts: [StaticString], _ person: UserID) -> [Command] {
        texts.map { Command($0, [.id(person)]) }
    }

    /// What is found by the address of the account, then the account: whoever deletes it has the rest to do.
    static var byAddress: [StaticString] {
        [
            // Those to other addresses by the link in them; those without one, to an address that the account had, unless
            // somebody else has it now.
            """
            DELETE FROM mails WHERE recipient = (SELECT email FROM users WHERE id = $1)
                OR proof IN
                    (SELECT id FROM proofs WHERE user_id = $1 UNION ALL SELECT id FROM recourses WHERE user_id = $1)
                OR (proof IS NULL AND recipient IN
                    (SELECT r.email FROM recourses r WHERE r.user_id = $1
                        AND NOT EXISTS (SELECT 1 FROM users u WHERE u.email = r.email)))
            """,
            "DELETE FROM proofs WHERE email = (SELECT email FROM users WHERE id = $1)",
            "DELETE FROM users WHERE id = $1 RETURNING id",
        ]
    }

    /// Everything that belongs to an account: a table with rows of people has its line here (a test looks for it).
    static var belongings: [StaticString] {
        [
            "DELETE FROM sessions WHERE user_id = $1",
            // Clients are still told, by what they call the session alone. A week in microseconds; any time past is due.
            """
            UPDATE participations SET user_id = NULL,
                expires_at = CASE WHEN ended_at IS NULL THEN expires_at + 604800000000 ELSE expires_at END,
                due_at = CASE WHEN ended_at IS NULL THEN created_at ELSE due_at END,
                ended_at = COALESCE(ended_at, created_at)
            WHERE user_id = $1
            """,
            // With this nothing more comes of a grant: what comes of it at this moment is waited for, and found below.
            // In a statement of its own: where there are no codes, PostgreSQL would not run it as a part of the next.
            "SELECT id FROM grants WHERE user_id = $1 ORDER BY id /*! FOR UPDATE */",
            "DELETE FROM codes WHERE grant_id IN (SELECT id FROM grants WHERE user_id = $1)",
            "DELETE FROM opaque_tokens WHERE grant_id IN (SELECT id FROM grants WHERE user_id = $1)",
            "DELETE FROM grants WHERE user_id = $1",
            "DELETE FROM consents WHERE user_id = $1",
            "DELETE FROM totp_keys WHERE user_id = $1",
            "DELETE FROM profiles WHERE user_id = $1",
            "DELETE FROM profile_sources WHERE user_id = $1",
            "DELETE FROM memberships WHERE user_id = $1",
            "DELETE FROM recovery_codes WHERE user_id = $1",
            "DELETE FROM passkeys WHERE user_id = $1",
            "DELETE FROM linked_identities WHERE user_id = $1",
            "DELETE FROM upstream_sessions WHERE user_id = $1",
            "DELETE FROM pending_identities WHERE user_id = $1",
            "DELETE FROM remembered_devices WHERE user_id = $1",
            "DELETE FROM first_factors WHERE user_id = $1",
            "DELETE FROM proofs WHERE user_id = $1",
            "DELETE FROM recourses WHERE user_id = $1",
            "DELETE FROM account_freezes WHERE user_id = $1",
            "DELETE FROM account_deletions WHERE user_id = $1",
            """
            INSERT INTO person_keys (user_id, sealed) VALUES ($1, NULL)
            ON CONFLICT (user_id) DO UPDATE SET sealed = NULL
            """,
        ]
    }

    private static func sealed(_ row: Row) throws(StorageError) -> [UInt8]? {
        var reader = RowReader(row, of: "person_keys")
        return try reader.optionalBytes("sealed")
    }
}
