/// One connection to a directory; each step blocks, until the end of the conversation at most.
public protocol DirectoryConnection: AnyObject {
    /// Proves a name by a password: simple bind, RFC 4511 §4.2.
    ///
    /// Never called with an empty password, which would be no proof at all (RFC 4513 §5.1.2).
    func bind(_ name: DistinguishedName, password: [UInt8]) throws(DirectoryFault) -> BindOutcome
    /// Finds up to `limit` entries, one more than that where there are more.
    func search(_ search: DirectorySearch) throws(DirectoryFault) -> [DirectoryEntry]
}

/// What a directory says to a name and a password.
public enum BindOutcome: Sendable {
    /// They fit.
    case proven
    /// They do not, or the account may not be used.
    case refused
    /// They do, but the password has to be changed there first: what Active Directory says of one that has run out.
    case outdated
}

/// What is searched for.
public struct DirectorySearch: Sendable, Equatable {
    /// How deep.
    public enum Depth: Sendable {
        /// The entry of that name alone.
        case entry
        /// Everything below, at any depth.
        case subtree
    }

    /// Where it begins.
    public let base: DistinguishedName
    /// How deep it goes.
    public let depth: Depth
    /// What it finds.
    public let filter: SearchFilter
    /// What is wanted of each entry.
    public let attributes: [AttributeName]
    /// How many are wanted at most.
    public let limit: Int
}

/// Makes connections.
public protocol DirectoryTransport: Sendable {
    /// A connection, under TLS where that is asked for, to which nothing was said yet.
    ///
    /// Blocks, until the call is over at most.
    func connect(_ call: DirectoryCall) throws(DirectoryFault) -> any DirectoryConnection
}
