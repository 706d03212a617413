public import OAuthTypes
public import Stores

/// A person whom a connector has proven, with what its operator allows them.
public struct ProvenIdentity: Sendable, Equatable {
    /// What its operator allows.
    public struct Rules: Sendable, Equatable {
        /// Whether the owner of the address may come in at all.
        public var isAdmitted: Bool
        /// Whether somebody without an account gets one.
        public var mayCreate: Bool
        /// Whether somebody may link it to an account that they have.
        public var mayLink: Bool
        /// Whether the profile there takes the place of the profile here, until its owner changes it here.
        public var bringsName: Bool

        /// Whether anybody at all may have an account there, and so one here: then they are counted by network, as at sign-up.
        public var isOpenToAnybody: Bool

        /// Rules with every field named.
        public init(
            isAdmitted: Bool, mayCreate: Bool, mayLink: Bool, bringsName: Bool, isOpenToAnybody: Bool = false
        ) {
            self.isOpenToAnybody = isOpenToAnybody
            self.isAdmitted = isAdmitted
            self.mayCreate = mayCreate
            self.mayLink = mayLink
            self.bringsName = bringsName
        }
    }

    /// Where they are known.
    public let connector: ConnectorID
    /// What people call that.
    public let connectorName: String
    /// What they are known by there, for good.
    public let subject: String
    /// Their address; nil where there is none.
    public let email: Email?
    /// Whether the address is theirs, as far as the connector is believed.
    public let isEmailVerified: Bool
    /// Their name; nil where there is none.
    public let name: String?
    /// How they proved it there, in the words that we know.
    public let methods: [AuthenticationMethod]
    /// Whether that spares a second factor here.
    public let hasSecondFactor: Bool
    /// When they proved it there; nil where that is not known.
    public let provenAt: Timestamp?
    /// The groups that they are in there, by the names that they have here; nil where the connector has none.
    public let groups: [String]?
    /// What else is told of them, as it is told.
    public let details: [ProfileDetails.Field: String]
    /// What its operator allows.
    public let rules: Rules

    /// A person with every field named.
    public init(
        connector: ConnectorID, connectorName: String, subject: String, email: Email?, isEmailVerified: Bool,
        name: String?, methods: [AuthenticationMethod], hasSecondFactor: Bool, provenAt: Timestamp? = nil,
        groups: [String]? = nil, details: [ProfileDetails.Field: String] = [:], rules: Rules
    ) {
        self.connector = connector
        self.connectorName = connectorName
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.name = name
        self.methods = methods
        self.hasSecondFactor = hasSecondFactor
        self.provenAt = provenAt
        self.groups = groups
        self.details = details
        self.rules = rules
    }

    /// The link of this person to an account.
    func link(to user: UserID, at now: Timestamp, lastUsedAt: Timestamp?) -> LinkedIdentity {
        LinkedIdentity(
            connector: connector, subject: subject, userID: user, email: email?.rawValue, name: name, linkedAt: now,
            lastUsedAt: lastUsedAt)
    }
}
