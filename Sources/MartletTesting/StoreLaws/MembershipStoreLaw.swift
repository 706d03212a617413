import OAuthTypes
public import Stores
import Testing

/// What every `MembershipStore` obeys.
public enum MembershipStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, nobodyWithoutAnAccountIsInAny, peopleAreApart, sourcesAreApart, aSourceReplacesItsOwn
    case noMoreThanTheLimit, addedAndRemovedOneByOne, namesAreCountedByPeople, peopleComeInPages

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.memberships
        let (zoe, ada, nobody) = (UserID(rawValue: "u_7Zk2"), UserID(rawValue: "u_9"), UserID(rawValue: "u_none"))
        let staff = Membership.group("Staff, Köln"), admin = Membership.role("admin")
        let synced = Membership.group("cn=staff,dc=example", from: "ldap")
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional()))
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.find(zoe).isEmpty)
            #expect(try await store.replace([admin, staff], of: zoe, from: Membership.operator))
            #expect(try await store.replace([synced], of: zoe, from: "ldap"))
            #expect(try await store.find(zoe) == [staff, synced, admin])
        case .nobodyWithoutAnAccountIsInAny:
            #expect(try await !store.replace([staff], of: nobody, from: Membership.operator))
            #expect(try await !store.add(staff, to: nobody))
            #expect(try await store.find(nobody).isEmpty)
            #expect(try await store.names(of: .group).isEmpty)
        case .peopleAreApart:
            #expect(try await store.add(staff, to: zoe))
            #expect(try await store.replace([], of: ada, from: Membership.operator))
            #expect(try await !store.remove(staff, from: ada))
            #expect(try await store.find(zoe) == [staff])
            #expect(try await store.find(ada).isEmpty)
        case .sourcesAreApart:
            let same = Membership(.group, staff.name, from: "ldap")
            #expect(try await store.add(staff, to: zoe))
            // What is another source's to say is left out.
            #expect(try await store.replace([same, admin], of: zoe, from: "ldap"))
            #expect(try await store.find(zoe) == [staff, same])
            #expect(try await store.replace([], of: zoe, from: "ldap"))
            #expect(try await store.find(zoe) == [staff])
        case .aSourceReplacesItsOwn:
            #expect(try await store.replace([staff, admin], of: zoe, from: Membership.operator))
            #expect(try await store.replace([admin], of: zoe, from: Membership.operator))
            #expect(try await store.find(zoe) == [admin])
        case .noMoreThanTheLimit:
            let most = Set((0..<Membership.limit).map { Membership.group("g\($0)") })
            #expect(try await store.replace(most, of: zoe, from: Membership.operator))
            #expect(try await !store.replace(most.union([admin]), of: zoe, from: Membership.operator))
            #expect(try await store.find(zoe).count == Membership.limit)
        case .addedAndRemovedOneByOne:
            for membership in [staff, admin, staff] { #expect(try await store.add(membership, to: zoe)) }
            #expect(try await store.find(zoe) == [staff, admin])
            #expect(try await !store.remove(synced, from: zoe))
            #expect(try await store.remove(staff, from: zoe))
            #expect(try await !store.remove(staff, from: zoe))
            #expect(try await store.find(zoe) == [admin])
        case .namesAreCountedByPeople:
            for user in [zoe, ada] { #expect(try await store.add(staff, to: user)) }
            #expect(try await store.add(Membership(.group, staff.name, from: "ldap"), to: zoe))
            #expect(try await store.add(.group("B"), to: zoe))
            #expect(try await store.add(Membership(.role, staff.name), to: zoe))
            let names = try await store.names(of: .group)
            #expect(names.map(\.name.rawValue) == ["B", "Staff, Köln"])
            #expect(names.map(\.people) == [1, 2])
        case .peopleComeInPages:
            for user in [zoe, ada] { #expect(try await store.add(staff, to: user)) }
            #expect(try await store.add(Membership(.group, staff.name, from: "ldap"), to: zoe))
            #expect(try await store.people(in: .group, staff.name, after: nil, limit: 9) == [zoe, ada])
            #expect(try await store.people(in: .group, staff.name, after: nil, limit: 1) == [zoe])
            #expect(try await store.people(in: .group, staff.name, after: zoe, limit: 9) == [ada])
            #expect(try await store.people(in: .role, staff.name, after: nil, limit: 9).isEmpty)
        }
    }
}
