import OAuthTypes
import Stores

/// Signing keys.
struct SigningKeyTable<Database: SQLDatabase>: SigningKeyStore {
    let database: TimedDatabase<Database>

    func list() async throws -> [SigningKeyRecord] {
        try await database.read(
            .listKeys,
            """
            SELECT id, algorithm, sealed, state, created_at, changed_at FROM signing_keys ORDER BY created_at, id
            """,
            []
        ).map(SigningKeyRecord.init(row:))
    }

    func begin(with keys: [SigningKeyRecord]) async throws -> Bool {
        guard !keys.isEmpty else { return false }
        // The row of the version first: who comes second waits for it, and then finds the keys of the first.
        let begun = try await database.write(
            .beginKeys,
            [.raiseVersion, Command("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM signing_keys)", [])],
            then: keys.map(Command.insert)
        )
        return !begun.isEmpty
    }

    func rotate(from current: KeyID, adding newcomer: SigningKeyRecord, at now: Timestamp) async throws -> Bool {
        var newcomer = newcomer
        newcomer.state = .next
        // Without a successor the step would leave nobody to sign.
        let stepped = try await database.write(
            .rotateKeys,
            Command(
                """
                UPDATE signing_keys SET state = 'retiring', changed_at = $2 WHERE id = $1 AND state = 'current'
                    AND EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next')
                RETURNING id
                """,
                [.id(current), .time(now)]
            ),
            then: [
                Command(
                    "UPDATE signing_keys SET state = 'retiring', changed_at = $1 WHERE state = 'current'", [.time(now)]),
                Command(
                    "UPDATE signing_keys SET state = 'current', changed_at = $1 WHERE state = 'next'", [.time(now)]),
                .insert(newcomer),
                .raiseVersion,
            ]
        )
        return !stepped.isEmpty
    }

    func drop(retiringSince moment: Timestamp) async throws -> Int {
        try await database.write(
            .dropKeys,
            Command(
                "DELETE FROM signing_keys WHERE state = 'retiring' AND changed_at <= $1 RETURNING id", [.time(moment)]
            ),
            then: [.raiseVersion]
        ).count
    }
}

extension Command {
    static func insert(_ key: SigningKeyRecord) -> Command {
        Command(
            """
            INSERT INTO signing_keys (id, algorithm, sealed, state, created_at, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .id(key.id), .text(key.algorithm), .bytes(key.sealed), .text(key.state.rawValue),
                .time(key.createdAt), .time(key.changedAt),
            ]
        )
    }
}

extension SigningKeyRecord {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "signing_keys")
        self.init(
            id: try reader.id("id"),
            algorithm: try reader.text("algorithm"),
            sealed: try reader.bytes("sealed"),
            state: try reader.word("state"),
            createdAt: try reader.time("created_at"),
            changedAt: try reader.time("changed_at")
        )
    }
}
