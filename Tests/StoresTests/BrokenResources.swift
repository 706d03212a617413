import MartletTesting
import OAuthTypes
import Stores

// Stores of resources, opaque tokens and memberships with one fault each, and the law that must notice it.

enum ResourceFault: CaseIterable, Sendable {
    case losesClients, inventsALifetime, takesTwice, keepsOldScopes, keepsTheRemoved, saysNothing

    var law: ResourceStoreLaw {
        switch self {
        case .losesClients: .everyFieldComesBack
        case .inventsALifetime: .absentFieldsStayAbsent
        case .takesTwice: .anIdentifierIsTakenOnce
        case .keepsOldScopes: .aNewOneReplacesTheWhole
        case .keepsTheRemoved: .removedIsGone
        case .saysNothing: .changesRaiseTheVersion
        }
    }
}

struct BrokenResources: ResourceStore {
    let base: any ResourceStore
    let fault: ResourceFault

    func insert(_ resource: Resource) async throws -> Bool {
        let isNew = try await base.insert(resource)
        return isNew || fault == .takesTwice
    }

    func list() async throws -> [Resource] {
        try await base.list().map { resource in
            var resource = resource
            if fault == .losesClients { resource.clients = [] }
            if fault == .inventsALifetime { resource.tokenLifetime = 900 }
            return resource
        }
    }

    func replace(_ resource: Resource) async throws -> Bool {
        var resource = resource
        if fault == .keepsOldScopes, let old = try await base.list().first(where: { $0.id == resource.id }) {
            resource.scopes = resource.scopes.union(old.scopes)
        }
        if fault == .saysNothing { return true }
        return try await base.replace(resource)
    }

    func remove(_ id: ResourceIdentifier) async throws -> Bool {
        guard fault == .keepsTheRemoved else { return try await base.remove(id) }
        return try await base.list().contains { $0.id == id }
    }
}

enum OpaqueTokenFault: CaseIterable, Sendable {
    case losesGrants, livesForEver, anybodyRevokes, outlivesItsClient, forgetsTheLiving, isKeptBehindItsGrant

    var law: OpaqueTokenStoreLaw {
        switch self {
        case .isKeptBehindItsGrant: .nothingIsKeptBehindItsGrant
        case .losesGrants: .everyFieldComesBack
        case .livesForEver: .unknownAndExpiredAreNil
        case .anybodyRevokes: .isRevokedByItsClientOnly
        case .outlivesItsClient: .aClientTakesItsOwnAlong
        case .forgetsTheLiving: .sweepSparesTheLiving
        }
    }
}

struct BrokenOpaqueTokens: OpaqueTokenStore {
    let base: any OpaqueTokenStore
    /// Where what outlives its client is kept.
    let attic: any OpaqueTokenStore
    let fault: OpaqueTokenFault

    func insert(_ token: OpaqueToken) async throws -> Bool {
        let isKept = try await base.insert(token)
        // There nobody asks for a grant.
        let own = OpaqueToken(
            digest: token.digest, clientID: token.clientID, grantID: nil, claims: token.claims,
            expiresAt: token.expiresAt)
        _ = try await attic.insert(own)
        return isKept || fault == .isKeptBehindItsGrant
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> OpaqueToken? {
        let moment = fault == .livesForEver ? .noon : now
        let store = fault == .outlivesItsClient ? attic : base
        guard let token = try await store.find(digest, at: moment) else { return nil }
        guard fault == .losesGrants else { return token }
        return OpaqueToken(
            digest: token.digest, clientID: token.clientID, grantID: nil, claims: token.claims,
            expiresAt: token.expiresAt)
    }

    func revoke(_ digest: TokenDigest, of client: ClientID) async throws -> Bool {
        let owner = try await base.find(digest, at: .noon)?.clientID
        return try await base.revoke(digest, of: fault == .anybodyRevokes ? owner ?? client : client)
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .forgetsTheLiving ? now + .seconds(9) : now, limit: limit)
    }
}

enum MembershipFault: CaseIterable, Sendable {
    case losesSources, takesAnybody, showsOthers, undoesOthers, addsToTheOld, takesTooMany, removesNothing
    case countsSources, endsPages

    var law: MembershipStoreLaw {
        switch self {
        case .losesSources: .everyFieldComesBack
        case .takesAnybody: .nobodyWithoutAnAccountIsInAny
        case .showsOthers: .peopleAreApart
        case .undoesOthers: .sourcesAreApart
        case .addsToTheOld: .aSourceReplacesItsOwn
        case .takesTooMany: .noMoreThanTheLimit
        case .removesNothing: .addedAndRemovedOneByOne
        case .countsSources: .namesAreCountedByPeople
        case .endsPages: .peopleComeInPages
        }
    }
}

struct BrokenMemberships: MembershipStore {
    let base: any MembershipStore
    let fault: MembershipFault

    func find(_ user: UserID) async throws -> [Membership] {
        let found = try await base.find(fault == .showsOthers ? UserID(rawValue: "u_7Zk2") : user)
        return fault == .losesSources ? found.map { Membership($0.kind, $0.name) } : found
    }

    func replace(_ memberships: Set<Membership>, of user: UserID, from source: String) async throws -> Bool {
        var memberships = memberships
        if fault == .addsToTheOld { memberships.formUnion(try await base.find(user)) }
        if fault == .undoesOthers { _ = try await base.replace([], of: user, from: Membership.operator) }
        let isKept = try await base.replace(memberships, of: user, from: source)
        return isKept || fault == .takesTooMany || fault == .takesAnybody
    }

    func add(_ membership: Membership, to user: UserID) async throws -> Bool {
        try await base.add(membership, to: user)
    }

    func remove(_ membership: Membership, from user: UserID) async throws -> Bool {
        if fault == .removesNothing { return try await base.find(user).contains(membership) }
        return try await base.remove(membership, from: user)
    }

    func names(of kind: Membership.Kind) async throws -> [(name: MembershipName, people: Int)] {
        let names = try await base.names(of: kind)
        return fault == .countsSources ? names.map { ($0.name, $0.people + 1) } : names
    }

    func people(
        in kind: Membership.Kind, _ name: MembershipName, after cursor: UserID?, limit: Int
    ) async throws -> [UserID] {
        try await base.people(in: kind, name, after: fault == .endsPages ? nil : cursor, limit: limit)
    }
}
