import JSON
import OAuthTypes
import Stores

/// Claims of the operator's own as they are told of one person.
struct MappedClaims: Sendable {
    /// The most bytes of one claim; a longer one is left out, for a part of it would be another statement.
    static let limit = 4096

    private let claims: [(name: String, value: JSONValue)]

    static let none = MappedClaims(claims: [])

    private init(claims: [(name: String, value: JSONValue)]) {
        self.claims = claims
    }

    /// What rules make of a person; what is empty is left out.
    init(_ rules: [ClaimsMapping.Rule], user: User, details: ProfileDetails?, memberships: [Membership]) {
        claims = rules.compactMap { rule in
            guard let value = MappedClaims.value(of: rule, user, details, memberships),
                value.jsonBytes().count <= MappedClaims.limit
            else { return nil }
            return (rule.claim, value)
        }
    }

    private static func value(
        of rule: ClaimsMapping.Rule, _ user: User, _ details: ProfileDetails?, _ memberships: [Membership]
    ) -> JSONValue? {
        switch rule.source {
        case .fixed(let value): return value
        case .name: return user.name.isEmpty ? nil : .string(user.name)
        case .email: return .string(user.email.rawValue)
        case .detail(let field): return details?[field].map { .string($0) }
        case .memberships(let kind):
            var names: [String] = []
            for membership in memberships where membership.kind == kind {
                let name = membership.name.rawValue
                guard let shown = rule.values.isEmpty ? name : rule.values[name], !names.contains(shown) else {
                    continue
                }
                names.append(shown)
            }
            return names.isEmpty ? nil : .array(names.map { .string($0) })
        }
    }

    /// Writes them as members of an object that has none of their names.
    func encodeMembers(to writer: inout JSONWriter) {
        for claim in claims { writer.member(named: claim.name, claim.value) }
    }
}

extension ServerEnvironment {
    /// What the operator's rules tell of a person; reads only what some rule needs, and nothing where there are none.
    func mappedClaims(
        of user: UserID, in place: ClaimsMapping.Place, for client: ClientID, _ scopes: ScopeSet
    ) async throws -> MappedClaims {
        guard !policy.claims.rules.isEmpty else { return .none }
        let rules = policy.claims.rules(in: place, for: client, scopes)
        guard !rules.isEmpty, let account = try await storage.users.find(user) else { return .none }
        let needsDetails = rules.contains { if case .detail = $0.source { true } else { false } }
        let needsMemberships = rules.contains { if case .memberships = $0.source { true } else { false } }
        return MappedClaims(
            rules, user: account,
            details: needsDetails ? try await storage.profiles.find(user) : nil,
            memberships: needsMemberships ? try await storage.memberships.find(user) : [])
    }
}
