import Identity
import JSON
import OAuthTypes
import Stores

/// What `group` and `role` commands do to one person.
struct MembershipChange: Sendable {
    static func usage(_ kind: Membership.Kind, _ verb: String, _ summary: String) -> CommandUsage {
        CommandUsage(
            words: [kind.rawValue, verb],
            summary: summary,
            discussion: """
                What directories and other providers say of a person stays theirs to say: this
                adds to it, and removes only what was added so. Tokens tell of it where
                MARTLET_CLAIMS says so, the next time that they are made.
                """,
            operand: CommandUsage.Operand(name: "NAME", summary: "The name of the \(kind.rawValue)."),
            options: [.email, .json],
            examples: [
                CommandUsage.Example(
                    purpose: "By address", command: "martlet \(kind.rawValue) \(verb) staff --email ada@example.com")
            ]
        )
    }

    private let kind: Membership.Kind
    private let name: String
    private let email: String
    private let isJSON: Bool

    init(_ arguments: Arguments, _ kind: Membership.Kind) throws(UsageError) {
        self.kind = kind
        guard let name = arguments.operand else { throw UsageError("NAME is missing", in: arguments.usage.words) }
        self.name = name
        email = try arguments.required(.email)
        isJSON = arguments.has(.json)
    }

    func add(in tool: Tool) async throws {
        let (user, membership) = try await resolve(tool)
        guard try await tool.stores.memberships.add(membership, to: user) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        try await tool.note(.membershipAdded, of: user, details: [kind.rawValue: membership.name.rawValue])
        try await show(user, tool)
    }

    func remove(in tool: Tool) async throws {
        let (user, membership) = try await resolve(tool)
        guard try await tool.stores.memberships.remove(membership, from: user) else {
            throw CommandFailure("nobody put that account into \(kind.rawValue) \(Console.visible(name)) by command")
        }
        try await tool.note(.membershipRemoved, of: user, details: [kind.rawValue: membership.name.rawValue])
        try await show(user, tool)
    }

    private func resolve(_ tool: Tool) async throws -> (UserID, Membership) {
        guard let name = MembershipName(name) else {
            throw CommandFailure(
                .badData, "a name has 1 to 200 characters, no control characters, and no spaces at its ends")
        }
        return (try await tool.userID(email), Membership(kind, name))
    }

    private func show(_ user: UserID, _ tool: Tool) async throws {
        let memberships = try await tool.stores.memberships.find(user)
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("sub", user.rawValue)
                    memberships.write(to: &$0)
                    memberships.writeSources(to: &$0)
                }
            }
            return
        }
        for kind in Membership.Kind.allCases {
            let names = memberships.shown(of: kind)
            tool.console.print(
                "\(kind.rawValue)s: " + (names.isEmpty ? "none" : Console.visible(names.joined(separator: ", "))))
        }
    }
}

extension [Membership] {
    /// The names of one kind, each once, whoever says so.
    func names(of kind: Membership.Kind) -> [String] {
        var names: [MembershipName] = []
        for membership in self where membership.kind == kind && names.last != membership.name {
            names.append(membership.name)
        }
        return names.map(\.rawValue)
    }

    /// What programs read: the names of groups and roles.
    func write(to writer: inout JSONWriter) {
        for kind in Membership.Kind.allCases { writer.member(named: kind.rawValue + "s", names(of: kind)) }
    }

    /// The names of one kind, each once; behind those that no operator gave, who says so.
    func shown(of kind: Membership.Kind) -> [String] {
        let own = filter { $0.kind == kind }
        return own.names(of: kind).map { name in
            let sources = own.filter { $0.name.rawValue.utf8.elementsEqual(name.utf8) }.map(\.source)
            return sources.contains(Membership.operator) ? name : "\(name) (by \(sources.joined(separator: ", ")))"
        }
    }

    /// What programs read: what each connector says, in the order of the names.
    func writeSources(to writer: inout JSONWriter) {
        writer.array("said_by_connectors") { writer in
            for membership in self where membership.source != Membership.operator {
                writer.element {
                    $0.member("connector", membership.source)
                    $0.member(named: membership.kind.rawValue, membership.name.rawValue)
                }
            }
        }
    }
}
