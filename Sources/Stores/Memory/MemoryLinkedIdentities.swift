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
            guard let account = tables.accounts[identity.userID], account.user.disabledAt == nil,
                !tables.isFrozen(identity.userID, at: identity.linkedAt), tables.deletions[identity.userID] == nil
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

    func unlink(_ parting: LinkParting) async throws -> LinkRemoval {
        try await memory.access { tables in
            let (key, user) = (
                MemoryTables.LinkKey(connector: parting.connector, subject: parting.subject), parting.userID
            )
            guard let link = tables.links[key], link.userID == user else { return .unknown }
            guard tables.waysIn(of: user, without: .link(key)) > 0 else { return .lastWayIn }
            guard !tables.auditEvents.contains(where: { $0.id == parting.event.id }) else {
                throw StorageError.conflict(table: "audit_events")
            }
            if let notice = parting.notice {
                guard tables.recourses[notice.recourse.id] == nil else {
                    throw StorageError.conflict(table: "recourses")
                }
                try tables.order(notice.mail)
                tables.recourses[notice.recourse.id] = notice.recourse
            }
            tables.auditEvents.append(parting.event)
            tables.end(parting, of: link)
            tables.links[key] = nil
            tables.foundingLinks.remove(key)
            tables.forgetWord(of: parting.connector, on: user)
            return .removed
        }
    }

    func list(at connector: ConnectorID, after subject: String) async throws -> [LinkedIdentity] {
        await memory.access { tables in
            let start = Array(subject.utf8)
            return Array(
                tables.links.values.filter { $0.connector == connector }
                    .filter { start.lexicographicallyPrecedes(Array($0.subject.utf8)) }
                    .sorted { $0.subject.utf8.lexicographicallyPrecedes($1.subject.utf8) }
                    .prefix(100))
        }
    }

    func countOpened(onlyBy connector: ConnectorID) async throws -> Int {
        await memory.access { tables in
            Set(tables.links.values.filter { $0.connector == connector }.map(\.userID)).count { user in
                tables.accounts[user]?.user.disabledAt == nil && tables.accounts[user] != nil
                    && tables.waysIn(of: user, without: .connector(connector)) == 0
            }
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
        /// Every link to a connector.
        case connector(ConnectorID)
    }

    /// Ends what ends with a link.
    fileprivate mutating func end(_ parting: LinkParting, of link: LinkedIdentity) {
        let (user, now) = (parting.userID, parting.at)
        let own = sessions.values.filter { $0.userID == user }
        let ended: [Session]
        switch parting.ending {
        case .everything: return signOut(user, at: now)
        case .others(let digest): ended = own.filter { $0.digest != digest }
        case .whatCameByIt(let digest):
            ended = own.filter { session in
                guard session.digest != digest, let upstream = upstreamSessions[session.id] else { return false }
                return upstream.connector == link.connector && upstream.subject.utf8.elementsEqual(link.subject.utf8)
            }
        }
        let (names, living) = (Set(ended.map(\.id)), Set(own.map(\.id)))
        for session in ended {
            sessions[session.digest] = nil
            upstreamSessions[session.id] = nil
        }
        endParticipations(at: now) { $0.userID == user && names.contains($0.sessionID) }
        revokeGrants(at: now) { grant in
            grant.userID == user
                && (names.contains(grant.sessionID)
                    || !living.contains(grant.sessionID) && grant.createdAt >= link.linkedAt)
        }
    }

    /// How many ways into an account there are beside one.
    func waysIn(of user: UserID, without one: WayIn) -> Int {
        let passkeys = passkeys.values.count { $0.userID == user && one != .passkey($0.credentialID) }
        let links = links.count { key, link in
            link.userID == user && one != .link(key) && one != .connector(link.connector)
                && connectors[link.connector]?.isEnabled == true
        }
        return (accounts[user]?.user.passwordHash == nil ? 0 : 1) + passkeys + links
    }

    /// The link of a person whose account is there.
    func link(_ key: LinkKey) -> LinkedIdentity? { links[key].flatMap { accounts[$0.userID] == nil ? nil : $0 } }
}
