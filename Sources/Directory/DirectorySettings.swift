/// How people are found in a directory: the settings of a connector of kind `ldap`, a JSON object.
public struct DirectorySettings: Sendable, Equatable {
    /// How the way there is protected.
    public enum Security: String, Sendable, CaseIterable {
        /// TLS from the first byte, usually on port 636.
        case ldaps
        /// TLS before anything is said, usually on port 389: RFC 4511 §4.14.
        case startTLS = "starttls"
        /// None; for a directory on this machine alone.
        case none
    }

    /// How a person's entry is found.
    public enum Finding: Sendable, Equatable {
        /// By a search, with an account that may, or without one where anybody may.
        case search(as: DistinguishedName?)
        /// By a pattern of names with `{user}` for the part of the address before the `@`.
        case pattern(String)
    }

    /// How groups are known.
    public enum Groups: Sendable, Equatable {
        /// They are not.
        case none
        /// By an attribute of the person that names them.
        case attribute(AttributeName)
        /// By a search for entries that name the person; `nested` asks Active Directory for groups of groups too.
        case search(base: DistinguishedName, member: AttributeName, nested: Bool)
    }

    /// Host names or addresses, tried in order, each with a port.
    public let hosts: [Host]
    /// How the way there is protected.
    public let security: Security
    /// A file of certificates that are trusted; nil for those of the system.
    public let authorities: String?
    /// The domains of the addresses that this directory is asked about.
    public let domains: [String]
    /// Below which name people are.
    public let base: DistinguishedName
    /// How a person's entry is found.
    public let finding: Finding
    /// The attributes that what somebody typed is compared with.
    public let login: [AttributeName]
    /// What an entry must have besides, attribute and value.
    public let required: [AttributeName: String]
    /// The attribute that never changes and is never given to another, the first that is there.
    public let identifier: [AttributeName]
    /// The attribute with the address.
    public let email: AttributeName
    /// The attribute with the full name.
    public let name: AttributeName
    /// How groups are known.
    public let groups: Groups
    /// `group_base`: directly below which name a group is called by the value of its first part alone; nil for nowhere.
    public let groupBase: DistinguishedName?
    /// `group_names`: what groups there are called here, and none but these count; nil for all, as `ID:NAME`.
    public let groupNames: [String: String]?
    /// Whether an account is made for whoever has none; nil where nobody has said.
    public let mayCreate: Bool?
    /// Whether somebody may link it to an account that they have.
    public let mayLink: Bool
    /// Whether the name there takes the place of the name here at each sign-in, until its owner changes it here.
    public let bringsName: Bool
    /// Where people change or restore the password that they have there; nil where nobody knows.
    public let passwordPage: String?
    /// How long each step may take, in seconds.
    public let patience: Int

    /// A server.
    public struct Host: Sendable, Equatable {
        /// Its name or address.
        public let name: String
        /// Its port.
        public let port: UInt16

        /// Whether it is this machine.
        var isLoopback: Bool { ["localhost", "127.0.0.1", "::1"].contains(name) }
    }

    /// What is wrong with settings.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// The member.
        public let member: String
        /// What it must be, without a full stop.
        public let demand: String

        /// Both.
        public var description: String { "\(member) \(demand)" }
    }
}
