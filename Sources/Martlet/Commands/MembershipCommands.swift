import Identity
import JSON
import OAuthTypes
import Stores

// Groups and roles of people by command: the two differ in their name alone.

/// Puts somebody into a group.
struct GroupAddCommand: ToolCommand {
    static let usage = MembershipChange.usage(.group, "add", "Put somebody into a group; it exists from then on.")
    private let change: MembershipChange
    init(_ arguments: Arguments) throws(UsageError) { change = try MembershipChange(arguments, .group) }
    func run(in tool: Tool) async throws { try await change.add(in: tool) }
}

/// Takes somebody out of a group.
struct GroupRemoveCommand: ToolCommand {
    static let usage = MembershipChange.usage(.group, "remove", "Take somebody out of a group.")
    private let change: MembershipChange
    init(_ arguments: Arguments) throws(UsageError) { change = try MembershipChange(arguments, .group) }
    func run(in tool: Tool) async throws { try await change.remove(in: tool) }
}

/// Shows groups.
struct GroupListCommand: ToolCommand {
    static let usage = MembershipList.usage(.group)
    private let list: MembershipList
    init(_ arguments: Arguments) throws(UsageError) { list = try MembershipList(arguments, .group) }
    func run(in tool: Tool) async throws { try await list.show(in: tool) }
}

/// Gives somebody a role.
struct RoleAddCommand: ToolCommand {
    static let usage = MembershipChange.usage(.role, "add", "Give somebody a role; it exists from then on.")
    private let change: MembershipChange
    init(_ arguments: Arguments) throws(UsageError) { change = try MembershipChange(arguments, .role) }
    func run(in tool: Tool) async throws { try await change.add(in: tool) }
}

/// Takes a role from somebody.
struct RoleRemoveCommand: ToolCommand {
    static let usage = MembershipChange.usage(.role, "remove", "Take a role from somebody.")
    private let change: MembershipChange
    init(_ arguments: Arguments) throws(UsageError) { change = try MembershipChange(arguments, .role) }
    func run(in tool: Tool) async throws { try await change.remove(in: tool) }
}

/// Shows roles.
struct RoleListCommand: ToolCommand {
    static let usage = MembershipList.usage(.role)
    private let list: MembershipList
    init(_ arguments: Arguments) throws(UsageError) { list = try MembershipList(arguments, .role) }
    func run(in tool: Tool) async throws { try await list.show(in: tool) }
}
