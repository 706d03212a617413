import Stores

/// A profile of what a person and several connectors say: what the person wrote stays, and of the connectors the first in
/// their order that says anything of a member is believed.
struct ProfileMerge: Sendable {
    /// What the profile is to be.
    let values: [ProfileMember: String]
    /// Whether that is another than it was.
    let isChanged: Bool

    /// Merges what is told `now` by one connector; `before` is what was told until now by any, itself included, `edited` what
    /// the person wrote or took out, and `ranks` the connectors, the most believed first.
    init(
        of current: [ProfileMember: String], told before: [ProfileTelling], now telling: ProfileTelling,
        edited: Set<ProfileMember>, ranks: [String]
    ) {
        func rank(_ source: String) -> Int { ranks.firstIndex(of: source) ?? ranks.count }
        let said = (before.filter { $0.source != telling.source } + [telling])
            .sorted { (rank($0.source), $0.source) < (rank($1.source), $1.source) }
        var values = current
        for member in ProfileMember.all where !edited.contains(member) {
            let former = before.compactMap { $0.values[member] }
            if let value = current[member] {
                // Nobody but the person has written it: by another program than this one, or by an import.
                guard former.contains(where: { $0.utf8.elementsEqual(value.utf8) }) else { continue }
            } else if !former.isEmpty, member != .name {
                // It was there and is not: the person took it out. A name can only be empty where none was ever told.
                continue
            }
            let best = said.lazy.compactMap { $0.values[member] }.first
            // An account keeps the name that it has.
            values[member] = best ?? (member == .name ? current[member] : nil)
        }
        self.values = values
        isChanged = values != current
    }

    /// The members but for the name.
    var details: [ProfileDetails.Field: String] {
        var details: [ProfileDetails.Field: String] = [:]
        for (member, value) in values {
            if case .detail(let field) = member { details[field] = value }
        }
        return details
    }

    /// What an account tells at the moment.
    static func members(of user: User, _ details: ProfileDetails?) -> [ProfileMember: String] {
        var members: [ProfileMember: String] = [:]
        for (field, value) in details?.values ?? [:] { members[.detail(field)] = value }
        if !user.name.isEmpty { members[.name] = user.name }
        return members
    }
}
