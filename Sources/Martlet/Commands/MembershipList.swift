import JSON
import OAuthTypes
import Stores

/// What `group list` and `role list` show.
struct MembershipList: Sendable {
    static func usage(_ kind: Membership.Kind) -> CommandUsage {
        CommandUsage(
            words: [kind.rawValue, "list"],
            summary: "List all \(kind.rawValue)s with how many people are in each, or who is in one.",
            operand: CommandUsage.Operand(name: "NAME", summary: "The name of one; all without it."),
            options: [.json],
            examples: [
                CommandUsage.Example(purpose: "Who is in one", command: "martlet \(kind.rawValue) list staff")
            ]
        )
    }

    /// People read at a time.
    private static let page = 500

    private let kind: Membership.Kind
    private let name: String?
    private let isJSON: Bool

    init(_ arguments: Arguments, _ kind: Membership.Kind) throws(UsageError) {
        self.kind = kind
        name = arguments.operand
        isJSON = arguments.has(.json)
    }

    func show(in tool: Tool) async throws {
        guard let name else { return try await showNames(tool) }
        guard let name = MembershipName(name) else {
            throw CommandFailure("there is no \(kind.rawValue) \(Console.visible(name))")
        }
        try await showPeople(in: name, tool)
    }

    private func showNames(_ tool: Tool) async throws {
        let names = try await tool.stores.memberships.names(of: kind)
        tool.console.show(
            names, asJSON: isJSON, columns: ["NAME": \.name.rawValue, "PEOPLE": { "\($0.people)" }]
        ) {
            $1.member("name", $0.name.rawValue)
            $1.member("people", Int64($0.people))
        }
    }

    private func showPeople(in name: MembershipName, _ tool: Tool) async throws {
        var people: [User] = []
        var last: UserID?
        while true {
            let page = try await tool.stores.memberships.people(
                in: kind, name, after: last, limit: MembershipList.page)
            for id in page {
                if let user = try await tool.stores.users.find(id) { people.append(user) }
            }
            guard page.count == MembershipList.page else { break }
            last = page.last
        }
        tool.console.show(
            people, asJSON: isJSON,
            columns: ["EMAIL": \.email.rawValue, "NAME": \.name, "SUB": \.id.rawValue]
        ) { $0.write(to: &$1) }
    }
}
