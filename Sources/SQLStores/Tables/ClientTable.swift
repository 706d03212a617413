import JSON
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
                    post_logout_redirect_uris, grant_types, scopes, party, own_sign_in, created_at, metadata,
                    sealed_secret, former_secret_digest, former_sealed_secret, former_secret_expires_at,
                    registration_digest)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
                ON CONFLICT (id) DO NOTHING RETURNING id
                """,
                [
                    .id(client.id), .text(client.name), .digest(client.secretDigest),
                    .words(client.methodsOfTheFirstSchema), .words(client.redirectURIs.map(\.rawValue)),
                    .words(client.postLogoutRedirectURIs.map(\.rawValue)), .words(client.grantTypes),
                    .scopes(client.scopes), .text(client.party.rawValue), .text(client.ownSignIn.rawValue),
                    .time(client.createdAt), .json(client.metadata),
                ] + client.secretValues
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
                grant_types, scopes, party, own_sign_in, created_at, metadata, revision,
                sealed_secret, former_secret_digest, former_sealed_secret, former_secret_expires_at,
                registration_digest
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
                grant_types, scopes, party, own_sign_in, created_at, metadata, revision,
                sealed_secret, former_secret_digest, former_sealed_secret, former_secret_expires_at,
                registration_digest
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

    func replace(_ client: Client) async throws -> Bool {
        let replaced = try await database.write(
            .replaceClient,
            Command(
                """
                UPDATE clients SET name = $2, secret_digest = $3, authentication_methods = $4, redirect_uris = $5,
                    post_logout_redirect_uris = $6, grant_types = $7, scopes = $8, party = $9, own_sign_in = $10,
                    metadata = $11, revision = revision + 1, sealed_secret = $14, former_secret_digest = $15,
                    former_sealed_secret = $16, former_secret_expires_at = $17, registration_digest = $18
                WHERE id = $1 AND revision = $12 AND created_at = $13 RETURNING id
                """,
                [
                    .id(client.id), .text(client.name), .digest(client.secretDigest),
                    .words(client.methodsOfTheFirstSchema), .words(client.redirectURIs.map(\.rawValue)),
                    .words(client.postLogoutRedirectURIs.map(\.rawValue)), .words(client.grantTypes),
                    .scopes(client.scopes), .text(client.party.rawValue), .text(client.ownSignIn.rawValue),
                    .json(client.metadata), .integer(client.revision), .time(client.createdAt),
                ] + client.secretValues
            ),
            then: [.raiseVersion]
        )
        return !replaced.isEmpty
    }

    func remove(_ id: ClientID) async throws -> Bool {
        let removed = try await database.write(
            .removeClient,
            Command("DELETE FROM clients WHERE id = $1 RETURNING id", [.id(id)]),
            then: [
                // Codes and interactions live minutes: a scan of them, this once, is cheaper than an index for ever.
                Command("DELETE FROM codes WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM interactions WHERE client_id = $1", [.id(id)]),
                // Whoever adds a token to one at this moment is waited for, and what they added found.
                Command("DELETE FROM grants WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM opaque_tokens WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM consents WHERE client_id = $1", [.id(id)]),
                Command("DELETE FROM participations WHERE client_id = $1", [.id(id)]),
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
            createdAt: try reader.time("created_at"),
            metadata: try reader.metadata("metadata"),
            revision: try reader.integer("revision"),
            sealedSecret: try reader.optionalBytes("sealed_secret"),
            formerSecret: try reader.formerSecret(),
            registrationDigest: try reader.optionalDigest("registration_digest")
        )
    }

    fileprivate var secretValues: [SQLValue] {
        [
            .bytes(sealedSecret), .digest(formerSecret?.digest), .bytes(formerSecret?.sealed),
            .time(formerSecret?.expiresAt), .digest(registrationDigest),
        ]
    }

    /// What programs of older schemas can read; such a program then refuses a client that has other methods only, and the
    /// metadata names that one.
    fileprivate var methodsOfTheFirstSchema: Set<ClientAuthenticationMethod> {
        authenticationMethods.intersection([.clientSecretBasic, .clientSecretPost, .none])
    }
}

extension RowReader {
    fileprivate mutating func formerSecret() throws(StorageError) -> FormerSecret? {
        let digest = try optionalDigest("former_secret_digest")
        let sealed = try optionalBytes("former_sealed_secret")
        let expiresAt = try optionalTime("former_secret_expires_at")
        guard let digest else { return nil }
        guard let expiresAt else { throw damaged("former_secret_expires_at") }
        return FormerSecret(digest: digest, sealed: sealed, expiresAt: expiresAt)
    }

    fileprivate mutating func metadata(_ column: StaticString) throws(StorageError) -> ClientMetadata {
        let text = try text(column)
        // Most have none.
        if text == "{}" { return ClientMetadata() }
        guard let object = try? JSONObject(parsing: text.utf8.span), let metadata = try? ClientMetadata(object) else {
            throw damaged(column)
        }
        return metadata
    }
}

extension SQLValue {
    fileprivate static func json(_ value: some JSONEncodable) -> SQLValue {
        .text(String(decoding: value.jsonBytes(), as: UTF8.self))
    }
}
