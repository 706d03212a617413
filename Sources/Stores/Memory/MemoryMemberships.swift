import OAuthTypes

struct MemoryMemberships: MembershipStore {
    let memory: Memory

    func find(_ user: UserID) async throws -> [Membership] {
        await memory.access { ($0.memberships[user] ?? []).sorted(by: MemoryMemberships.precedes) }
    }

    func replace(_ memberships: Set<Membership>, of user: UserID, from source: String) async throws -> Bool {
        let said = memberships.filter { $0.source == source }
        guard said.count <= Membership.limit else { return false }
        return await memory.access { tables in
            guard tables.accounts[user] != nil else { return false }
            let others = (tables.memberships[user] ?? []).filter { $0.source != source }
            tables.memberships[user] = others.union(said)
            return true
        }
    }

    func add(_ membership: Membership, to user: UserID) async throws -> Bool {
        await memory.access { tables in
            guard tables.accounts[user] != nil else { return false }
            tables.memberships[user, default: []].insert(membership)
            return true
        }
    }

    func remove(_ membership: Membership, from user: UserID) async throws -> Bool {
        await memory.access { $0.memberships[user]?.remove(membership) != nil }
    }

    func names(of kind: Membership.Kind) async throws -> [(name: MembershipName, people: Int)] {
        await memory.access { tables in
            var people: [MembershipName: Int] = [:]
            for said in tables.memberships.values {
                for name in Set(said.filter { $0.kind == kind }.map(\.name)) { people[name, default: 0] += 1 }
            }
            return people.map { (name: $0.key, people: $0.value) }
                .sorted { $0.name.rawValue.utf8.lexicographicallyPrecedes($1.name.rawValue.utf8) }
        }
    }

    func people(
        in kind: Membership.Kind, _ name: MembershipName, after cursor: UserID?, limit: Int
    ) async throws -> [UserID] {
        await memory.access { tables in
            let people = tables.memberships.filter { $0.value.contains { $0.kind == kind && $0.name == name } }.keys
            return Array(
                people.filter { $0.rawValue > cursor?.rawValue ?? "" }.sorted { $0.rawValue < $1.rawValue }
                    .prefix(max(0, limit)))
        }
    }

    private static func precedes(_ left: Membership, _ right: Membership) -> Bool {
        let order = [left.kind.rawValue, left.name.rawValue, left.source].map { Array($0.utf8) }
        let other = [right.kind.rawValue, right.name.rawValue, right.source].map { Array($0.utf8) }
        for (first, second) in zip(order, other) where first != second {
            return first.lexicographicallyPrecedes(second)
        }
        return false
    }
}
