import OAuthTypes
import Stores

/// Registered clients.
struct ClientTable<Database: SQLDatabase>: ClientStore {
    let database: TimedDatabase<Database>

    func insert(_ client: Client) async throws -> Bool {
        let inserted = try await database.write(
            .insertClient,
            Command(
                """
                INSERT INTO clients (id, name, secret_digest, authentication_methods, redirect_uris,
                    post_logout_redirect_uris, grant_types, scopes, party, own_sign_in, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                ON CONFLICT (id) DO NOTHING RETURNING id
                """,
                [
                    .id(client.id), .text(client.name), .digest(client.secretDigest),
                    .words(client.authenticationMethods), .words(client.redirectURIs.map(\.rawValue)),
                    .words(client.postLogoutRedirectURIs.map(\.rawValue)), .words(client.grantTypes),
                    .scopes(client.scopes), .text(client.party.rawValue), .text(client.ownSignIn.rawValue),
                    .time(client.createdAt),
                ]
            ),
            then: [.raiseVersion]
        )
        return !inserted.isEmpty
    }

    func find(_ id: ClientID) async throws -> Client? {
        try await database.read(
            .findClient,
            """
            SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                grant_types, scopes, party, own_sign_in, created_at
            FROM clients WHERE id = $1
            """,
            [.id(id)]
        ).first.map(Client.init(row:))
    }

    func list() async throws -> [Client] {
        try await database.read(
            .listClients,
            """
            SELECT id, name, secret_digest, authentication_methods, redirect_uris, post_logout_redirect_uris,
                grant_types, scopes, party, own_sign_in, created_at
            FROM clients ORDER BY id
            """,
            []
        ).map(Client.init(row:))
    }

    func scopes() async throws -> ScopeSet {
        var union: ScopeSet = []
        for row in try await database.read(.listScopes, "SELECT DISTINCT scopes FROM clients ORDER BY scopes", []) {
            var reader = RowReader(row, of: "clients")
            union = union.union(try reader.scopes("scopes"))
        }
        return union
    }

    func remove(_ id: ClientID) async throws -> Bool {
        let removed = try await database.write(
            .removeClient,
            Command("DELETE FROM clients WHERE id = $1 RETURNING id", [.id(id)]),
            then: [
                // Codes and interactions live minutes: a scan of them, this once, is cheaper than an index for ever.
                Command("DELETE FROM codes WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM interactions WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM grants WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM consents WHERE client_id = $1", [.id(id)]),
                .raiseVersion,
            ]
        )
        return !removed.isEmpty
    }
}

extension Client {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "clients")
        self.init(
            id: try reader.clientID("id"),
            name: try reader.text("name"),
            secretDigest: try reader.optionalDigest("secret_digest"),
            authenticationMethods: Set(try reader.words("authentication_methods")),
            redirectURIs: try reader.redirectURIs("redirect_uris"),
            postLogoutRedirectURIs: try reader.redirectURIs("post_logout_redirect_uris"),
            grantTypes: Set(try reader.words("grant_types")),
            scopes: try reader.scopes("scopes"),
            party: try reader.word("party"),
            ownSignIn: try reader.word("own_sign_in"),
            createdAt: try reader.time("created_at")
        )
    }
}
