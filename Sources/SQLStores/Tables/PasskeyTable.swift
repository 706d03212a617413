import OAuthTypes
import Stores

/// Passkeys.
struct PasskeyTable<Database: SQLDatabase>: PasskeyStore {
    let database: TimedDatabase<Database>

    func add(_ passkey: Passkey, limit: Int) async throws -> PasskeyAddition {
        let added = try await database.write(
            .addPasskey,
            [
                .lockAccount(passkey.userID),
                Command(
                    """
                    INSERT INTO passkeys (
                        credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                        is_user_verified, aaguid, transports, name, created_at, last_used_at)
                    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
                    WHERE EXISTS (SELECT 1 FROM users WHERE id = $2)
                        AND (SELECT COUNT(*) FROM passkeys WHERE user_id = $2) < $14
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $2 AND f.expires_at > $12)
                    ON CONFLICT DO NOTHING RETURNING 1
                    """,
                    [
                        .bytes(passkey.credentialID), .id(passkey.userID), .bytes(passkey.userHandle),
                        .bytes(passkey.publicKey), .integer(Int64(passkey.signCount)), .flag(passkey.isBackupEligible),
                        .flag(passkey.isBackedUp), .flag(passkey.isUserVerified), .bytes(passkey.aaguid),
                        .words(passkey.transports), .text(passkey.name), .time(passkey.createdAt),
                        .time(passkey.lastUsedAt), .integer(Int64(limit)),
                    ]),
            ], then: [])
        guard added.isEmpty else { return .added }
        if try await find(passkey.credentialID) != nil { return .taken }
        let rows = try await database.read(
            .countPasskeys, "SELECT COUNT(*) FROM passkeys WHERE user_id = $1", [.id(passkey.userID)])
        guard let row = rows.first else { return .noAccount }
        var reader = RowReader(row, of: "passkeys")
        if try reader.integer("count") >= Int64(limit) { return .full }
        let account = try await UserTable(database: database).find(passkey.userID)
        return account == nil ? .noAccount : .frozen
    }

    func find(_ credentialID: [UInt8]) async throws -> Passkey? {
        try await database.read(
            .findPasskey,
            """
            SELECT credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                is_user_verified, aaguid, transports, name, created_at, last_used_at
            FROM passkeys WHERE credential_id = $1
            """,
            [.bytes(credentialID)]
        ).first.map(Passkey.init(row:))
    }

    func list(of user: UserID) async throws -> [Passkey] {
        try await database.read(
            .listPasskeys,
            """
            SELECT credential_id, user_id, user_handle, public_key, sign_count, is_backup_eligible, is_backed_up,
                is_user_verified, aaguid, transports, name, created_at, last_used_at
            FROM passkeys WHERE user_id = $1 ORDER BY created_at, credential_id LIMIT 100
            """,
            [.id(user)]
        ).map(Passkey.init(row:))
    }

    func use(_ credentialID: [UInt8], _ use: PasskeyUse) async throws -> Bool {
        // One statement: of two that bring the same counter, the later one sees what the earlier one left.
        try await !database.write(
            .usePasskey,
            """
            UPDATE passkeys SET sign_count = $2, is_backed_up = $3, is_user_verified = $4, last_used_at = $5
            WHERE credential_id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0)) RETURNING 1
            """,
            [
                .bytes(credentialID), .integer(Int64(use.signCount)), .flag(use.isBackedUp), .flag(use.isUserVerified),
                .time(use.usedAt),
            ]
        ).isEmpty
    }

    func rename(_ credentialID: [UInt8], of user: UserID, to name: String) async throws -> Bool {
        try await !database.write(
            .renamePasskey,
            "UPDATE passkeys SET name = $3 WHERE credential_id = $1 AND user_id = $2 RETURNING 1",
            [.bytes(credentialID), .id(user), .text(name)]
        ).isEmpty
    }

    func remove(_ credentialID: [UInt8], of user: UserID, at now: Timestamp) async throws -> PasskeyRemoval {
        let removed = try await database.write(
            .removePasskey,
            [
                .lockAccount(user),
                Command(
                    """
                    DELETE FROM passkeys WHERE credential_id = $1 AND user_id = $2
                        AND (SELECT COUNT(*) FROM ways_in WHERE user_id = $2) > 1
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $2 AND f.expires_at > $3)
                    RETURNING 1
                    """,
                    [.bytes(credentialID), .id(user), .time(now)]),
            ],
            then: PasskeyTable.forgetWhatHangsOnSecondFactors(of: user))
        guard removed.isEmpty else { return .removed }
        guard try await find(credentialID)?.userID == user else { return .unknown }
        let frozen = try await AccountHoldTable(database: database).find(user, at: now).frozenUntil
        return frozen == nil ? .lastWayIn : .frozen
    }

    func removeAll(of user: UserID) async throws -> Int {
        try await database.write(
            .removePasskeys,
            [
                .lockAccount(user),
                Command("DELETE FROM passkeys WHERE user_id = $1 RETURNING 1", [.id(user)]),
            ],
            then: PasskeyTable.forgetWhatHangsOnSecondFactors(of: user)
        ).count
    }

    /// Without any second factor there is nothing that recovery codes or remembered devices could stand in for.
    static func forgetWhatHangsOnSecondFactors(of user: UserID) -> [Command] {
        [
            Command(
                """
                DELETE FROM recovery_codes WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                    AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE id = $1 AND mail_codes <> 'off')
                """, [.id(user)]),
            Command(
                """
                DELETE FROM remembered_devices WHERE user_id = $1
                    AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)
                    AND NOT EXISTS (SELECT 1 FROM totp_keys WHERE user_id = $1 AND confirmed_at IS NOT NULL)
                    AND NOT EXISTS (SELECT 1 FROM users WHERE id = $1 AND mail_codes <> 'off')
                """, [.id(user)]),
        ]
    }
}

extension Passkey {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "passkeys")
        self.init(
            credentialID: try reader.bytes("credential_id"),
            userID: try reader.id("user_id"),
            userHandle: try reader.bytes("user_handle"),
            publicKey: try reader.bytes("public_key"),
            signCount: try reader.count("sign_count"),
            isBackupEligible: try reader.flag("is_backup_eligible"),
            isBackedUp: try reader.flag("is_backed_up"),
            isUserVerified: try reader.flag("is_user_verified"),
            aaguid: try reader.bytes("aaguid"),
            transports: try reader.text("transports").split(separator: " ").map(String.init),
            name: try reader.text("name"),
            createdAt: try reader.time("created_at"),
            lastUsedAt: try reader.optionalTime("last_used_at")
        )
    }
}

extension RowReader {
    /// A number of 32 bits.
    fileprivate mutating func count(_ column: StaticString) throws(StorageError) -> UInt32 {
        guard let count = UInt32(exactly: try integer(column)) else { throw damaged(column) }
        return count
    }
}
