public import OAuthTypes

/// Something to tell of a person: the full name, or one of the details.
public enum ProfileMember: Sendable, Hashable {
    /// The full name.
    case name
    /// One of the details.
    case detail(ProfileDetails.Field)

    /// Every one there is.
    public static let all: [ProfileMember] = [.name] + ProfileDetails.Field.allCases.map { .detail($0) }

    /// `name`, or the claim.
    public var rawValue: String {
        switch self {
        case .name: "name"
        case .detail(let field): field.rawValue
        }
    }

    /// What is written so; nil for nothing that there is.
    public init?(rawValue: String) {
        if rawValue == "name" {
            self = .name
        } else if let field = ProfileDetails.Field(rawValue: rawValue) {
            self = .detail(field)
        } else {
            return nil
        }
    }
}

/// What one source says of a person: a connector, or the person, whose own word outweighs all others'.
public struct ProfileTelling: Sendable, Equatable {
    /// Of whom.
    public let userID: UserID
    /// Who says so: the identifier of a connector, or `ProfileTelling.person`.
    public let source: String
    /// What is said; what a person has taken out is empty.
    public let values: [ProfileMember: String]
    /// When it was said last.
    public let toldAt: Timestamp

    /// The source of what people write themselves.
    public static let person = ""

    /// What a source says.
    public init(of userID: UserID, by source: String, _ values: [ProfileMember: String], at toldAt: Timestamp) {
        self.userID = userID
        self.source = source
        self.values = values
        self.toldAt = toldAt
    }
}

/// A profile as it is after a source was heard.
public struct ProfileChange: Sendable, Equatable {
    /// The full name; may be empty.
    public let name: String
    /// The details.
    public let details: ProfileDetails
    /// When the profile had last changed that this was made of (`User.updatedAt`).
    public let since: Timestamp

    /// A change with every field named.
    public init(name: String, details: ProfileDetails, since: Timestamp) {
        self.name = name
        self.details = details
        self.since = since
    }
}
