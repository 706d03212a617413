public import OAuthTypes

/// That somebody is in a group, or has a role.
public struct Membership: Sendable, Hashable {
    /// Of what.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Whom somebody belongs to.
        case group
        /// What somebody may do.
        case role
    }

    /// Of what.
    public let kind: Kind
    /// The name of the group or role.
    public let name: MembershipName
    /// Who says so: the identifier of a connector, or `Membership.operator`.
    public let source: String

    /// A membership.
    public init(_ kind: Kind, _ name: MembershipName, from source: String = Membership.operator) {
        self.kind = kind
        self.name = name
        self.source = source
    }

    /// The source of what the operator of this server says, by command or import.
    public static let `operator` = ""
    /// The most that one source may say of one person.
    public static let limit = 1000
}

/// The name of a group or role: 1 to 200 characters, none of them a control.
public struct MembershipName: Sendable, Hashable, CustomStringConvertible {
    /// The text, compared byte by byte.
    public let rawValue: String

    /// Nil for an empty text, one that is too long, begins or ends with a space, or has a control character.
    public init?(_ text: String) {
        guard (1...200).contains(text.unicodeScalars.count), text.first != " ", text.last != " ",
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        rawValue = text
    }

    /// The text itself.
    public var description: String { rawValue }

    /// Whether the bytes are the same; `String` would take canonically equivalent ones for equal.
    public static func == (left: Self, right: Self) -> Bool { left.rawValue.utf8.elementsEqual(right.rawValue.utf8) }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        for byte in rawValue.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}

/// Groups and roles of people: one exists as long as somebody is in it.
///
/// Each source (the operator, a connector) has its own say, and never undoes another's: somebody is in a group as long as
/// one of them says so.
public protocol MembershipStore: Sendable {
    /// What is said of a person, by kind, name and source.
    func find(_ user: UserID) async throws -> [Membership]
    /// Puts what a source says of a person now in place of all that it said before; what others say stays.
    ///
    /// `memberships` of another source than `source` are left out. False, and nothing has changed, where there is no such
    /// account or they are more than `Membership.limit`.
    func replace(_ memberships: Set<Membership>, of user: UserID, from source: String) async throws -> Bool
    /// Adds one; false where there is no such account. A second time changes nothing.
    func add(_ membership: Membership, to user: UserID) async throws -> Bool
    /// Removes one as its source said it; false where that source has not said so.
    func remove(_ membership: Membership, from user: UserID) async throws -> Bool
    /// How many people are in each group or role, by name.
    func names(of kind: Membership.Kind) async throws -> [(name: MembershipName, people: Int)]
    /// Who is in a group or role, whoever says so: by identifier, those after `cursor`, up to `limit`.
    func people(
        in kind: Membership.Kind, _ name: MembershipName, after cursor: UserID?, limit: Int
    ) async throws -> [UserID]
}
