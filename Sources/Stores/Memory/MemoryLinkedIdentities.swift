import OAuthTypes

struct MemoryLinkedIdentities: LinkedIdentityStore {
    let memory: Memory

    func find(_ connector: ConnectorID, subject: String) async throws -> LinkedIdentity? {
        await memory.access { $0.link(MemoryTables.LinkKey(connector: connector, subject: subject)) }
    }

    func list(of user: UserID) async throws -> [LinkedIdentity] {
        await memory.access { tables in
            Array(
                tables.links.values.filter { $0.userID == user }
                    .sorted {
                        ($0.linkedAt, $0.connector.rawValue, $0.subject)
                            < ($1.linkedAt, $1.connector.rawValue, $1.subject)
                    }
                    .prefix(100))
        }
    }

    func link(_ identity: LinkedIdentity) async throws -> LinkOutcome {
        await memory.access { tables in
            let key = MemoryTables.LinkKey(identity)
            if let owner = tables.link(key)?.userID { return owner == identity.userID ? .linked : .taken }
            guard tables.accounts[identity.userID] != nil,
                !tables.isFrozen(identity.userID, at: identity.linkedAt)
            else { return .noAccount }
            tables.links[key] = identity
            tables.foundingLinks.remove(key)
            return .linked
        }
    }

    func create(_ user: User, linking identity: LinkedIdentity) async throws -> Bool {
        await memory.access { tables in
            let key = MemoryTables.LinkKey(identity)
            guard tables.link(key) == nil, tables.add(user) else { return false }
            tables.links[key] = identity
            tables.foundingLinks.insert(key)
            return true
        }
    }

    func use(_ identity: LinkedIdentity) async throws -> Bool {
        await memory.access { tables in
            let key = MemoryTables.LinkKey(identity)
            guard var link = tables.links[key], link.userID == identity.userID else { return false }
            link.email = identity.email
            link.name = identity.name
            link.lastUsedAt = identity.lastUsedAt
            tables.links[key] = link
            return true
        }
    }

    func unlink(_ connector: ConnectorID, subject: String, of user: UserID) async throws -> LinkRemoval {
        await memory.access { tables in
            let key = MemoryTables.LinkKey(connector: connector, subject: subject)
            guard tables.links[key]?.userID == user else { return .unknown }
            guard tables.waysIn(of: user, without: .link(key)) > 0 else { return .lastWayIn }
            tables.links[key] = nil
            tables.foundingLinks.remove(key)
            tables.forgetWord(of: connector, on: user)
            return .removed
        }
    }
}

extension MemoryTables {
    struct LinkKey: Hashable {
        let connector: ConnectorID
        /// The bytes: `String` would take different ones for equal.
        let subject: [UInt8]

        init(connector: ConnectorID, subject: String) {
            (self.connector, self.subject) = (connector, Array(subject.utf8))
        }

        init(_ identity: LinkedIdentity) { self.init(connector: identity.connector, subject: identity.subject) }
    }

    /// What opens an account.
    enum WayIn: Equatable {
        case passkey([UInt8])
        case link(LinkKey)
    }

    /// How many ways into an account there are beside one.
    func waysIn(of user: UserID, without one: WayIn) -> Int {
        let passkeys = passkeys.values.count { $0.userID == user && one != .passkey($0.credentialID) }
        let links = links.count { key, link in
            link.userID == user && one != .link(key) && connectors[link.connector]?.isEnabled == true
        }
        return (accounts[user]?.user.passwordHash == nil ? 0 : 1) + passkeys + links
    }

    /// The link of a person whose account is there.
    func link(_ key: LinkKey) -> LinkedIdentity? { links[key].flatMap { accounts[$0.userID] == nil ? nil : $0 } }
}
