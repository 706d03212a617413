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

    // In each step the row of the version comes first: who comes second waits for it, and finds what the first has left.

    func rotate(
        from current: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp
    ) async throws -> Bool {
        var newcomer = newcomer
        newcomer?.state = .next
        let algorithm = SQLValue.text(current.algorithm)
        // Without a successor the step would leave nobody to sign.
        let stepped = try await database.write(
            .rotateKeys,
            [
                .raiseVersion,
                Command(
                    """
                    UPDATE signing_keys SET state = 'retiring', changed_at = $2 WHERE id = $1 AND state = 'current'
                        AND algorithm = $3
                        AND EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next' AND algorithm = $3)
                    RETURNING id
                    """,
                    [.id(current.id), .time(now), algorithm]
                ),
            ],
            then: [
                .retireCurrentKey(of: current.algorithm, at: now),
                Command(
                    "UPDATE signing_keys SET state = 'current', changed_at = $1 WHERE state = 'next' AND algorithm = $2",
                    [.time(now), algorithm]),
            ] + [newcomer.map(Command.insert)].compactMap(\.self)
        )
        return !stepped.isEmpty
    }

    func add(next key: SigningKeyRecord) async throws -> Bool {
        var key = key
        key.state = .next
        let added = try await database.write(
            .addKey,
            [
                .raiseVersion,
                Command(
                    """
                    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next' AND algorithm = $1)
                    """,
                    [.text(key.algorithm)]),
            ],
            then: [.insert(key)]
        )
        return !added.isEmpty
    }

    func promote(_ next: KeyID, at now: Timestamp) async throws -> Bool {
        let promoted = try await database.write(
            .promoteKey,
            [
                .raiseVersion,
                Command(
                    """
                    UPDATE signing_keys SET state = 'current', changed_at = $2 WHERE id = $1 AND state = 'next'
                        AND NOT EXISTS (
                            SELECT 1 FROM signing_keys o WHERE o.state = 'current' AND o.algorithm = signing_keys.algorithm)
                    RETURNING id
                    """,
                    [.id(next), .time(now)]),
            ],
            then: []
        )
        return !promoted.isEmpty
    }

    func place(_ key: SigningKeyRecord, at now: Timestamp) async throws {
        let displaced: Command? =
            switch key.state {
            case .next: .dropNextKey(of: key.algorithm)
            case .current: .retireCurrentKey(of: key.algorithm, at: now)
            case .retiring: nil
            }
        _ = try await database.write(.placeKey, [.raiseVersion] + [displaced].compactMap(\.self) + [.insert(key)])
    }

    func revoke(_ key: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp) async throws -> Bool {
        let revoked = try await database.write(
            .revokeKey,
            [.raiseVersion, Command("DELETE FROM signing_keys WHERE id = $1 RETURNING id", [.id(key.id)])],
            then: [.promoteLoneKey(of: key.algorithm, at: now)] + [newcomer.map(Command.fill)].compactMap(\.self)
        )
        return !revoked.isEmpty
    }

    func retire(algorithm: String, at now: Timestamp) async throws -> Bool {
        let retired = try await database.write(
            .retireKeys,
            [
                .raiseVersion,
                Command(
                    """
                    SELECT 1 WHERE EXISTS (SELECT 1 FROM signing_keys WHERE state <> 'retiring' AND algorithm = $1)
                    """,
                    [.text(algorithm)]),
            ],
            then: [.retireCurrentKey(of: algorithm, at: now), .dropNextKey(of: algorithm)]
        )
        return !retired.isEmpty
    }

    func drop(retiringSince moment: Timestamp) async throws -> Int {
        try await database.write(
            .dropKeys,
            [
                .raiseVersion,
                Command(
                    "DELETE FROM signing_keys WHERE state = 'retiring' AND changed_at <= $1 RETURNING id",
                    [.time(moment)]),
            ],
            then: []
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

    /// A key takes the place of its algorithm that is free: of the current key, or else of the next one.
    fileprivate static func fill(_ key: SigningKeyRecord) -> Command {
        Command(
            """
            INSERT INTO signing_keys (id, algorithm, sealed, state, created_at, changed_at)
            SELECT $1, $2, $3,
                CASE WHEN EXISTS (SELECT 1 FROM signing_keys WHERE state = 'current' AND algorithm = $2)
                    THEN 'next' ELSE 'current' END,
                $4, $5
            WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE state = 'next' AND algorithm = $2)
            """,
            [.id(key.id), .text(key.algorithm), .bytes(key.sealed), .time(key.createdAt), .time(key.changedAt)]
        )
    }

    fileprivate static func promoteLoneKey(of algorithm: String, at now: Timestamp) -> Command {
        Command(
            """
            UPDATE signing_keys SET state = 'current', changed_at = $2 WHERE state = 'next' AND algorithm = $1
                AND NOT EXISTS (SELECT 1 FROM signing_keys WHERE state = 'current' AND algorithm = $1)
            """,
            [.text(algorithm), .time(now)]
        )
    }

    fileprivate static func retireCurrentKey(of algorithm: String, at now: Timestamp) -> Command {
        Command(
            "UPDATE signing_keys SET state = 'retiring', changed_at = $1 WHERE state = 'current' AND algorithm = $2",
            [.time(now), .text(algorithm)]
        )
    }

    fileprivate static func dropNextKey(of algorithm: String) -> Command {
        Command("DELETE FROM signing_keys WHERE state = 'next' AND algorithm = $1", [.text(algorithm)])
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
