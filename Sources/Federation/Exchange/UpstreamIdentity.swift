public import OAuthTypes
public import Stores

/// A person as a provider has proven them: there is no way to one but through every check.
public struct UpstreamIdentity: Sendable, Equatable {
    /// Where they are known.
    public let connector: ConnectorID
    /// What they are known by there, for good.
    public let subject: String
    /// Their address, in our form; nil where there is none, or it cannot be one.
    public let email: Email?
    /// Whether the address is verified, as far as the connector is believed.
    public let isEmailVerified: Bool
    /// Their name; nil where there is none.
    public let name: String?
    /// How they proved it, in the words that we know; empty where the provider does not say.
    public let methods: [AuthenticationMethod]
    /// Whether that spares a second factor here.
    public let hasSecondFactor: Bool
    /// `sid`: what the provider calls its session; nil where it does not say.
    public let providerSession: String?
    /// The groups that they are in there, by the names that they have here; nil where the connector has none.
    public var groups: [String]?
    /// What else it tells of them: texts as the provider has them, none longer than 2000 bytes.
    public var details: [ProfileDetails.Field: String] = [:]
    /// When they proved it there (`auth_time`); nil where the provider does not say.
    public var provenAt: Timestamp?
    /// Whether the provider was to ask them again, and says itself that it has not: such a proof is as old as it says.
    public var isStale = false
    /// The provider's tokens, as far as the connector keeps them.
    public var tokens = UpstreamTokens()
    /// By which address they signed in, where a directory proved them; nil for a provider.
    public var typed: Email?
}

/// What a provider says of a person, before any of it is decided upon.
struct Profile: Sendable {
    var subject: String?
    var email: String?
    var isEmailVerified: Bool?
    var name: String?
    var groups: [String]?
    var details: [ProfileDetails.Field: String] = [:]
}

extension UpstreamIdentity {
    /// A person whom a directory has proven, with an address that is theirs where there is one.
    public init(
        ofDirectory connector: ConnectorID, subject: String, email: Email?, name: String?, typed: Email? = nil
    ) {
        self.init(
            connector: connector, subject: subject, email: email, isEmailVerified: email != nil, name: name,
            methods: [], hasSecondFactor: false, providerSession: nil)
        self.typed = typed
    }
}
