import JSON
import OAuthTypes
import Stores

/// What can be told of a person: OpenID Connect Core §5.1.
struct PersonClaims: Sendable {
    let user: User
    let details: ProfileDetails?

    /// One that is told.
    struct Told: Sendable {
        let name: ClaimName
        let value: JSONValue
    }

    /// What scopes and wishes lead to, in the order of §5.1; what is empty is left out (§5.3.2).
    ///
    /// A claim whose value is none of those that the client wants is not told either. Names in other languages follow
    /// where they were asked for, by name or by `claims_locales` (§5.2).
    func told(for scopes: ScopeSet, and asked: [ClaimsRequest.Item], in locales: [LanguageTag]) -> [Told] {
        var told: [Told] = []
        told.reserveCapacity(StandardClaim.allCases.count)
        for claim in StandardClaim.allCases {
            let wishes = asked.isEmpty ? [] : asked.filter { $0.name.claim == claim }
            let isInScope = scopes.contains(claim.scope)
            guard isInScope || !wishes.isEmpty else { continue }
            let plain = wishes.first { $0.name.tag == nil }
            if isInScope || plain != nil, let value = value(of: claim), plain?.wants(value) ?? true {
                told.append(Told(name: ClaimName(claim), value: value))
            }
            guard claim.isLocalized, let details else { continue }
            let translated = details.translations.filter { $0.key.claim == claim }
            for (name, text) in translated.sorted(by: { $0.key.description < $1.key.description }) {
                let isAsked = wishes.contains { $0.name == name } || name.tag.map(locales.contains) ?? false
                if isAsked { told.append(Told(name: name, value: .string(text))) }
            }
        }
        return told
    }

    private func value(of claim: StandardClaim) -> JSONValue? {
        switch claim {
        case .name: user.name.isEmpty ? nil : .string(user.name)
        case .updatedAt: .integer(user.updatedAt.seconds)
        case .email: .string(user.email.rawValue)
        case .isEmailVerified: .bool(user.isEmailVerified)
        case .address: address
        // Nobody here calls it.
        case .isPhoneNumberVerified: details?[.phoneNumber].map { _ in .bool(false) }
        default: details.flatMap { detail(claim, in: $0) }.map { .string($0) }
        }
    }

    private func detail(_ claim: StandardClaim, in details: ProfileDetails) -> String? {
        ProfileDetails.Field(rawValue: claim.rawValue).flatMap { details[$0] }
    }

    /// §5.1.1.
    private var address: JSONValue? {
        guard let details else { return nil }
        var object = JSONObject()
        let town = [details[.postalCode], details[.locality], details[.region]].compactMap(\.self)
        let lines = [details[.streetAddress], town.isEmpty ? nil : town.joined(separator: " "), details[.country]]
        let formatted = lines.compactMap(\.self).joined(separator: "\n")
        guard !formatted.isEmpty else { return nil }
        object["formatted"] = .string(formatted)
        for field in [ProfileDetails.Field.streetAddress, .locality, .region, .postalCode, .country] {
            if let text = details[field] { object[field.rawValue] = .string(text) }
        }
        return .object(object)
    }
}

extension ClaimsRequest.Item {
    /// Whether what it asks for is among the details of a person.
    var isDetail: Bool { [.profile, .address, .phone].contains(name.claim.scope) }
}
