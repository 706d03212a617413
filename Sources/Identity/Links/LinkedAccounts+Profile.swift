import OAuthTypes
import Stores

/// What connectors say of the people whom they prove: groups, and the profile.
extension LinkedAccounts {
    /// How often a profile is looked at again that somebody else changes at the same time; the next sign-in brings the
    /// rest.
    private static let attempts = 3

    /// Puts the groups that a connector says somebody is in now in place of those that it said before.
    ///
    /// One that says nothing of groups, or no more, has said that there are none. Roles it has none to give.
    func takeGroups(_ identity: ProvenIdentity, of user: UserID, from origin: AuditOrigin) async throws {
        let source = identity.connector.rawValue
        let names = (identity.groups ?? []).prefix(Membership.limit).compactMap { MembershipName($0) }
        let said = Set(names.map { Membership(.group, $0, from: source) })
        let before = Set(try await storage.memberships.find(user).filter { $0.source == source })
        guard said != before, try await storage.memberships.replace(said, of: user, from: source) else { return }
        for (action, names) in [
            (AuditAction.membershipAdded, said.subtracting(before)),
            (.membershipRemoved, before.subtracting(said)),
        ] where !names.isEmpty {
            let some = names.map(\.name.rawValue).sorted().prefix(10).joined(separator: ", ")
            try await audit.note(
                action, of: user, from: origin,
                details: ["connector": source, "group": some, "count": "\(names.count)"])
        }
    }

    /// Merges what a connector tells of somebody into their profile, and answers the account as it is then; `former` is the
    /// name that it told the last time.
    func takeProfile(_ identity: ProvenIdentity, of user: User, named former: String? = nil) async throws -> User {
        let source = identity.connector.rawValue
        var user = user
        for _ in 0..<LinkedAccounts.attempts {
            let store = storage.profiles
            let (details, all) = (try await store.find(user.id), try await store.tellings(of: user.id))
            var before = all.filter { $0.source != ProfileTelling.person }
            if !before.contains(where: { $0.source == source }), let former {
                before.append(ProfileTelling(of: user.id, by: source, [.name: former], at: clock.now))
            }
            let old = before.first { $0.source == source }
            let telling = ProfileTelling(of: user.id, by: source, identity.told(after: old), at: clock.now)
            let merge = ProfileMerge(
                of: ProfileMerge.members(of: user, details), told: before, now: telling,
                edited: Set(all.first { $0.source == ProfileTelling.person }?.values.keys.map(\.self) ?? []),
                ranks: try await storage.connectors.list().map(\.id.rawValue))
            guard merge.isChanged else {
                if old?.values != telling.values || all.allSatisfy({ $0.source != source }) {
                    _ = try await store.tell(telling, changing: nil)
                }
                return user
            }
            let change = ProfileChange(
                name: merge.values[.name] ?? user.name,
                details: ProfileDetails(
                    of: user.id, merge.details, translations: details?.translations ?? [:]), since: user.updatedAt)
            let isTaken = try await store.tell(telling, changing: change)
            guard let now = try await storage.users.find(user.id) else { return user }
            user = now
            if isTaken { return user }
        }
        return user
    }
}

extension ProvenIdentity {
    /// What of a profile can be kept here.
    ///
    /// Of a name that is told once, as Apple does, the last telling counts.
    fileprivate func told(after old: ProfileTelling?) -> [ProfileMember: String] {
        var told: [ProfileMember: String] = [:]
        if let name, Accounts.isFit(name: name), !name.isEmpty { told[.name] = name }
        for (field, text) in details {
            let text = ProfileRules.trimmed(text)
            if !text.isEmpty, let fit = ProfileRules.fit(text, for: field) { told[.detail(field)] = fit }
        }
        let names: [ProfileMember] = [.name, .detail(.givenName), .detail(.familyName), .detail(.middleName)]
        if let old, names.allSatisfy({ told[$0] == nil }) {
            for member in names { told[member] = old.values[member] }
        }
        return told
    }
}
