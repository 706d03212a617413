import OAuthTypes
import Stores

/// Remembered consents: a row for each scope, so that two authorizations at once can only add.
struct ConsentTable<Database: SQLDatabase>: ConsentStore {
    let database: TimedDatabase<Database>

    func find(user: UserID, client: ClientID) async throws -> ScopeSet {
        var scopes: [Scope] = []
        let rows = try await database.read(
            .findConsent,
            "SELECT scope FROM consents WHERE user_id = $1 AND client_id = $2 ORDER BY scope", [.id(user), .id(client)]
        )
        for row in rows {
            var reader = RowReader(row, of: "consents")
            guard let scope = Scope(try reader.text("scope")) else { throw reader.damaged("scope") }
            scopes.append(scope)
        }
        return ScopeSet(scopes)
    }

    func list(of user: UserID) async throws -> [Consent] {
        let rows = try await database.read(
            .listConsents,
            """
            SELECT client_id, scope, given_at FROM consents WHERE user_id = $1 ORDER BY client_id, scope LIMIT 500
            """,
            [.id(user)])
        var list: [Consent] = []
        for row in rows {
            var reader = RowReader(row, of: "consents")
            let client = try reader.clientID("client_id")
            guard let scope = Scope(try reader.text("scope")) else { throw reader.damaged("scope") }
            let given = try reader.time("given_at")
            let before = list.last?.clientID == client ? list.removeLast() : nil
            list.append(
                Consent(
                    clientID: client, scopes: (before?.scopes ?? []).union([scope]),
                    since: min(before?.since ?? given, given)))
        }
        return list
    }

    func remember(_ scopes: ScopeSet, user: UserID, client: ClientID, at now: Timestamp) async throws {
        guard !scopes.isEmpty else { return }
        _ = try await database.write(
            .rememberConsent,
            scopes.map { scope in
                Command(
                    """
                    INSERT INTO consents (user_id, client_id, scope, given_at) VALUES ($1, $2, $3, $4)
                    ON CONFLICT DO NOTHING
                    """,
                    [.id(user), .id(client), .text(scope.rawValue), .time(now)]
                )
            }
        )
    }

    func withdraw(user: UserID, client: ClientID, at now: Timestamp) async throws {
        _ = try await database.write(
            .withdrawConsent,
            [
                Command("DELETE FROM consents WHERE user_id = $1 AND client_id = $2", [.id(user), .id(client)]),
                Command(
                    "UPDATE grants SET revoked_at = $3 WHERE user_id = $1 AND client_id = $2 AND revoked_at IS NULL",
                    [.id(user), .id(client), .time(now)]
                ),
                .endParticipations(of: user, at: client, at: now),
            ])
    }
}
