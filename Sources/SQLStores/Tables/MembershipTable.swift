import OAuthTypes
import Stores

/// Groups and roles of people.
struct MembershipTable<Database: SQLDatabase>: MembershipStore {
    let database: TimedDatabase<Database>

    func find(_ user: UserID) async throws -> [Membership] {
        try await database.read(
            .findMemberships,
            "SELECT kind, name, source FROM memberships WHERE user_id = $1 ORDER BY kind, name, source", [.id(user)]
        ).map { row in
            var reader = RowReader(row, of: "memberships")
            return Membership(
                try reader.word("kind"), try reader.membershipName("name"), from: try reader.text("source"))
        }
    }

    func replace(_ memberships: Set<Membership>, of user: UserID, from source: String) async throws -> Bool {
        let said = memberships.filter { $0.source == source }
        guard said.count <= Membership.limit else { return false }
        return try await !database.write(
            .replaceMemberships, Command.account(user),
            then: [
                Command("DELETE FROM memberships WHERE user_id = $1 AND source = $2", [.id(user), .text(source)])
            ] + said.map { $0.insertion(of: user) }
        ).isEmpty
    }

    func add(_ membership: Membership, to user: UserID) async throws -> Bool {
        try await !database.write(
            .addMembership, Command.account(user), then: [membership.insertion(of: user)]
        ).isEmpty
    }

    func remove(_ membership: Membership, from user: UserID) async throws -> Bool {
        try await !database.write(
            .removeMembership,
            """
            DELETE FROM memberships WHERE user_id = $1 AND kind = $2 AND name = $3 AND source = $4 RETURNING 1
            """,
            [
                .id(user), .text(membership.kind.rawValue), .text(membership.name.rawValue), .text(membership.source),
            ]
        ).isEmpty
    }

    func names(of kind: Membership.Kind) async throws -> [(name: MembershipName, people: Int)] {
        try await database.read(
            .listMemberships,
            """
            SELECT name, COUNT(DISTINCT user_id) FROM memberships WHERE kind = $1 GROUP BY name ORDER BY name
            """,
            [.text(kind.rawValue)]
        ).map { row in
            var reader = RowReader(row, of: "memberships")
            return (name: try reader.membershipName("name"), people: Int(try reader.integer("user_id")))
        }
    }

    func people(
        in kind: Membership.Kind, _ name: MembershipName, after cursor: UserID?, limit: Int
    ) async throws -> [UserID] {
        try await database.read(
            .listMembers,
            """
            SELECT DISTINCT user_id FROM memberships WHERE kind = $1 AND name = $2 AND user_id > $3
            ORDER BY user_id LIMIT $4
            """,
            [
                .text(kind.rawValue), .text(name.rawValue), .text(cursor?.rawValue ?? ""),
                .integer(Int64(max(0, limit))),
            ]
        ).map { row in
            var reader = RowReader(row, of: "memberships")
            return try reader.id("user_id")
        }
    }
}

extension Membership {
    func insertion(of user: UserID) -> Command {
        Command(
            "INSERT INTO memberships (user_id, kind, name, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            [.id(user), .text(kind.rawValue), .text(name.rawValue), .text(source)])
    }
}

extension Command {
    /// Finds an account and keeps an erasure waiting: nothing is left behind of whoever is gone.
    fileprivate static func account(_ user: UserID) -> Command {
        Command("UPDATE users SET name = name WHERE id = $1 RETURNING id", [.id(user)])
    }
}

extension RowReader {
    fileprivate mutating func membershipName(_ column: StaticString) throws(StorageError) -> MembershipName {
        guard let name = MembershipName(try text(column)) else { throw damaged(column) }
        return name
    }
}
