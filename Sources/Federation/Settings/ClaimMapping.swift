import JSON
public import Stores

/// Where a provider says what about a person: names of members, with points for what lies deeper.
public struct ClaimMapping: Sendable, Equatable {
    /// `subject`: what the person is known by for good; `sub`.
    public var subject: String?
    /// `email`.
    public var email: String?
    /// `email_verified`.
    public var emailVerified: String?
    /// `name`.
    public var name: String?
    /// `groups`: a list of names, or one; nil where the provider's groups count for nothing here.
    public var groups: String?
    /// The other members of a profile, by the names of their claims (`given_name` and so on).
    public var details: [ProfileDetails.Field: String]

    /// The names of OpenID Connect Core §5.1.
    public init(
        subject: String? = nil, email: String? = nil, emailVerified: String? = nil, name: String? = nil,
        groups: String? = nil, details: [ProfileDetails.Field: String] = [:]
    ) {
        self.groups = groups
        self.details = details
        self.subject = subject
        self.email = email
        self.emailVerified = emailVerified
        self.name = name
    }

    init(_ object: JSONObject) throws(SettingsFault) {
        var reader = SettingsReader(object, within: "claims.")
        subject = try reader.text("subject", limit: 100)
        email = try reader.text("email", limit: 100)
        emailVerified = try reader.text("email_verified", limit: 100)
        name = try reader.text("name", limit: 100)
        groups = try reader.text("groups", limit: 100)
        details = [:]
        for field in ProfileDetails.Field.allCases {
            details[field] = try reader.text(field.rawValue, limit: 100)
        }
        try reader.finish()
    }

    /// What a preset says where this does not.
    mutating func fill(from other: ClaimMapping) {
        subject = subject ?? other.subject
        email = email ?? other.email
        emailVerified = emailVerified ?? other.emailVerified
        name = name ?? other.name
        groups = groups ?? other.groups
        details.merge(other.details) { own, _ in own }
    }

    /// Where a member of a profile is; parts of the address are within the claim `address` (OpenID Connect Core §5.1.1).
    func place(of field: ProfileDetails.Field) -> String { details[field] ?? ClaimMapping.usualPlace(of: field) }

    private static func usualPlace(of field: ProfileDetails.Field) -> String {
        switch field {
        case .streetAddress, .locality, .region, .postalCode, .country: "address." + field.rawValue
        default: field.rawValue
        }
    }
}

extension JSONObject {
    /// The value at the end of names that points part; a name with a point in it is looked for first.
    func value(at path: String) -> JSONValue? {
        if let value = self[path] { return value }
        let (head, rest) = path.cut(at: ".")
        guard let rest else { return nil }
        return self[head]?.object?.value(at: rest)
    }
}

extension String {
    /// What stands before and behind the first of a character; nil behind where there is none.
    func cut(at mark: Character) -> (head: String, rest: String?) {
        guard let place = firstIndex(of: mark) else { return (self, nil) }
        return (String(self[..<place]), String(self[index(after: place)...]))
    }
}
