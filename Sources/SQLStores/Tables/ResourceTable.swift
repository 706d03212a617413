import OAuthTypes
import Stores

/// Configured resources.
struct ResourceTable<Database: SQLDatabase>: ResourceStore {
    let database: TimedDatabase<Database>

    func insert(_ resource: Resource) async throws -> Bool {
        try await !database.write(
            .insertResource,
            Command(
                """
                INSERT INTO resources (id, name, scopes, format, token_lifetime, grant_lifetime, algorithm, clients,
                    created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id
                """,
                resource.values + [.time(resource.createdAt)]),
            then: [.raiseVersion]
        ).isEmpty
    }

    func list() async throws -> [Resource] {
        try await database.read(
            .listResources,
            """
            SELECT id, name, scopes, format, token_lifetime, grant_lifetime, algorithm, clients, created_at
            FROM resources ORDER BY id
            """,
            []
        ).map(Resource.init(row:))
    }

    func replace(_ resource: Resource) async throws -> Bool {
        try await !database.write(
            .replaceResource,
            Command(
                """
                UPDATE resources SET name = $2, scopes = $3, format = $4, token_lifetime = $5, grant_lifetime = $6,
                    algorithm = $7, clients = $8
                WHERE id = $1 RETURNING id
                """,
                resource.values),
            then: [.raiseVersion]
        ).isEmpty
    }

    func remove(_ id: ResourceIdentifier) async throws -> Bool {
        try await !database.write(
            .removeResource,
            Command("DELETE FROM resources WHERE id = $1 RETURNING id", [.text(id.rawValue)]),
            then: [.raiseVersion]
        ).isEmpty
    }
}

extension Resource {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "resources")
        guard let id = ResourceIdentifier(try reader.text("id")) else { throw reader.damaged("id") }
        self.init(
            id: id,
            name: try reader.text("name"),
            scopes: try reader.scopes("scopes"),
            format: try reader.word("format"),
            tokenLifetime: try reader.optionalInteger("token_lifetime"),
            grantLifetime: try reader.optionalInteger("grant_lifetime"),
            algorithm: try reader.optionalWord("algorithm"),
            clients: try reader.clientIDs("clients"),
            createdAt: try reader.time("created_at")
        )
    }

    fileprivate var values: [SQLValue] {
        [
            .text(id.rawValue), .text(name), .scopes(scopes), .text(format.rawValue),
            tokenLifetime.map { .integer($0) } ?? .null, grantLifetime.map { .integer($0) } ?? .null,
            .word(algorithm),
            // An identifier of a client may have spaces, but no line ends.
            .text(clients.map(\.rawValue).sorted().joined(separator: "\n")),
        ]
    }
}

extension SQLValue {
    fileprivate static func word(_ value: (some RawRepresentable<String>)?) -> SQLValue { .text(value?.rawValue) }
}

extension RowReader {
    fileprivate mutating func optionalWord<Word: RawRepresentable<String>>(
        _ column: StaticString
    ) throws(StorageError) -> Word? {
        guard let text = try optionalText(column) else { return nil }
        guard let word = Word(rawValue: text) else { throw damaged(column) }
        return word
    }

    fileprivate mutating func clientIDs(_ column: StaticString) throws(StorageError) -> Set<ClientID> {
        var ids: Set<ClientID> = []
        for line in try text(column).split(separator: "\n") {
            guard let id = ClientID(String(line)) else { throw damaged(column) }
            ids.insert(id)
        }
        return ids
    }
}
