import OAuthTypes
import Stores

/// Browsers that need no second factor for a while.
struct RememberedDeviceTable<Database: SQLDatabase>: RememberedDeviceStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func remember(_ device: RememberedDevice) async throws {
        _ = try await database.write(
            .rememberDevice,
            """
            INSERT INTO remembered_devices (digest, user_id, device, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            """,
            [
                .digest(device.digest), .id(device.userID), .text(device.device), .time(device.createdAt),
                .time(device.expiresAt),
            ]
        )
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> RememberedDevice? {
        // A device that was being remembered while its account was signed out everywhere does not outlive that.
        try await database.read(
            .findDevice,
            """
            SELECT d.digest, d.user_id, d.device, d.created_at, d.expires_at
            FROM remembered_devices d JOIN users u ON u.id = d.user_id
            WHERE d.digest = $1 AND d.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR d.created_at >= u.signed_out_at)
            """,
            [.digest(digest), .time(now)]
        ).first.map(RememberedDevice.init(row:))
    }

    func list(of user: UserID, at now: Timestamp) async throws -> [RememberedDevice] {
        try await database.read(
            .listDevices,
            """
            SELECT d.digest, d.user_id, d.device, d.created_at, d.expires_at
            FROM remembered_devices d JOIN users u ON u.id = d.user_id
            WHERE d.user_id = $1 AND d.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR d.created_at >= u.signed_out_at)
            ORDER BY d.created_at DESC, d.digest LIMIT 100
            """,
            [.id(user), .time(now)]
        ).map(RememberedDevice.init(row:))
    }

    func forget(_ digest: TokenDigest, of user: UserID) async throws -> Bool {
        try await !database.write(
            .forgetDevice,
            "DELETE FROM remembered_devices WHERE digest = $1 AND user_id = $2 RETURNING 1",
            [.digest(digest), .id(user)]
        ).isEmpty
    }

    func forgetAll(of user: UserID) async throws {
        _ = try await database.write(
            .forgetDevices, "DELETE FROM remembered_devices WHERE user_id = $1", [.id(user)])
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepDevices,
            """
            DELETE FROM remembered_devices WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM remembered_devices WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at
                    LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension RememberedDevice {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "remembered_devices")
        self.init(
            digest: try reader.digest("digest"),
            userID: try reader.id("user_id"),
            device: try reader.text("device"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at")
        )
    }
}
