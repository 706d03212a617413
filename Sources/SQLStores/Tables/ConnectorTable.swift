import OAuthTypes
import Stores

/// Connectors.
struct ConnectorTable<Database: SQLDatabase>: ConnectorStore {
    let database: TimedDatabase<Database>

    func insert(_ connector: Connector) async throws -> Bool {
        try await !database.write(
            .insertConnector,
            Command(
                """
                INSERT INTO connectors (id, kind, preset, name, settings, sealed_secret, position, created_at,
                    updated_at, disabled_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (id) DO NOTHING RETURNING id
                """,
                [
                    .id(connector.id), .text(connector.kind.rawValue), .text(connector.preset), .text(connector.name),
                    .text(connector.settings), connector.sealedSecret.map { .bytes($0) } ?? .null,
                    .integer(Int64(connector.position)), .time(connector.createdAt), .time(connector.updatedAt),
                    .time(connector.disabledAt),
                ]),
            // Whoever was at work with one of the same name while it was removed may have left something behind.
            then: ConnectorTable.whatHangs(on: connector.id) + [.raiseVersion]
        ).isEmpty
    }

    func find(_ id: ConnectorID) async throws -> Connector? {
        try await database.read(
            .findConnector,
            """
            SELECT id, kind, preset, name, settings, sealed_secret, position, created_at, updated_at, disabled_at
            FROM connectors WHERE id = $1
            """,
            [.id(id)]
        ).first.map(Connector.init(row:))
    }

    func list() async throws -> [Connector] {
        try await database.read(
            .listConnectors,
            """
            SELECT id, kind, preset, name, settings, sealed_secret, position, created_at, updated_at, disabled_at
            FROM connectors ORDER BY position, id
            """,
            []
        ).map(Connector.init(row:))
    }

    func replace(_ old: Connector, by connector: Connector) async throws -> ConnectorReplacement {
        let replaced = try await database.write(
            .replaceConnector,
            Command(
                // The secret is looked at besides: sealing it anew under another master key is no change of its own.
                """
                UPDATE connectors SET preset = $2, name = $3, settings = $4, sealed_secret = $5, position = $6,
                    updated_at = $7, disabled_at = $8
                WHERE id = $1 AND updated_at = $9
                    AND (sealed_secret = $10 OR (sealed_secret IS NULL AND $11 = 1)) RETURNING id
                """,
                [
                    .id(old.id), .text(connector.preset), .text(connector.name), .text(connector.settings),
                    connector.sealedSecret.map { .bytes($0) } ?? .null, .integer(Int64(connector.position)),
                    .time(old.changed(at: connector.updatedAt)), .time(connector.disabledAt), .time(old.updatedAt),
                    .bytes(old.sealedSecret ?? []), .flag(old.sealedSecret == nil),
                ]),
            then: [.raiseVersion])
        guard replaced.isEmpty else { return .replaced }
        return try await find(old.id) == nil ? .unknown : .changed
    }

    func remove(_ id: ConnectorID) async throws -> Bool {
        // Nobody new comes meanwhile, nor does a change of what was read before bring it back.
        let known = try await database.write(
            .removeConnector,
            Command(
                """
                UPDATE connectors SET disabled_at = COALESCE(disabled_at, updated_at), updated_at = updated_at + 1
                WHERE id = $1 RETURNING id
                """,
                [.id(id)]),
            then: [.raiseVersion])
        guard !known.isEmpty else { return false }
        // In steps that others do not wait for, nor a time limit ends.
        for piece in ConnectorTable.pieces {
            while try await !database.write(.removeConnector, piece, [.id(id)]).isEmpty {}
        }
        return try await !database.write(
            .removeConnector,
            Command("DELETE FROM connectors WHERE id = $1 RETURNING id", [.id(id)]),
            then: ConnectorTable.whatHangs(on: id) + [.raiseVersion]
        ).isEmpty
    }

    /// A few hundred rows of what hangs on a connector, of a table each.
    private static var pieces: [StaticString] {
        [
            """
            DELETE FROM memberships WHERE source = $1
                AND user_id IN (SELECT user_id FROM memberships WHERE source = $1 LIMIT 500)
            RETURNING 1
            """,
            """
            DELETE FROM profile_sources WHERE source = $1
                AND user_id IN (SELECT user_id FROM profile_sources WHERE source = $1 LIMIT 500)
            RETURNING 1
            """,
            """
            DELETE FROM linked_identities WHERE connector_id = $1
                AND subject IN (SELECT subject FROM linked_identities WHERE connector_id = $1 LIMIT 500)
            RETURNING 1
            """,
            """
            DELETE FROM upstream_sessions WHERE session_id IN
                (SELECT session_id FROM upstream_sessions WHERE connector_id = $1 LIMIT 500)
            RETURNING 1
            """,
            """
            DELETE FROM pending_identities WHERE digest IN
                (SELECT digest FROM pending_identities WHERE connector_id = $1 LIMIT 500)
            RETURNING 1
            """,
        ]
    }

    /// What another provider under the same name must neither get nor end: that of links that are gone, too.
    private static func whatHangs(on id: ConnectorID) -> [Command] {
        [
            Command("DELETE FROM memberships WHERE source = $1", [.id(id)]),
            Command("DELETE FROM profile_sources WHERE source = $1", [.id(id)]),
            Command("DELETE FROM linked_identities WHERE connector_id = $1", [.id(id)]),
            Command("DELETE FROM upstream_sessions WHERE connector_id = $1", [.id(id)]),
            Command("DELETE FROM pending_identities WHERE connector_id = $1", [.id(id)]),
        ]
    }
}

extension Connector {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "connectors")
        self.init(
            id: try reader.id("id"),
            kind: try reader.word("kind"),
            preset: try reader.optionalText("preset"),
            name: try reader.text("name"),
            settings: try reader.text("settings"),
            sealedSecret: try reader.optionalBytes("sealed_secret"),
            position: Int(clamping: try reader.integer("position")),
            createdAt: try reader.time("created_at"),
            updatedAt: try reader.time("updated_at"),
            disabledAt: try reader.optionalTime("disabled_at")
        )
    }
}
