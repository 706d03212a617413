import Stores

/// Why a client cannot be registered so: RFC 7591 §3.2.2.
public struct RegistrationRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; the raw value is the wire spelling.
    public enum Code: String, Sendable, CaseIterable {
        /// A redirect URI.
        case invalidRedirectURI = "invalid_redirect_uri"
        /// Any other member.
        case invalidClientMetadata = "invalid_client_metadata"
        /// A software statement that is broken.
        case invalidSoftwareStatement = "invalid_software_statement"
        /// A software statement of somebody who is not trusted here.
        case unapprovedSoftwareStatement = "unapproved_software_statement"
    }

    /// What went wrong.
    public let code: Code
    /// The member, as the specification spells it; never a text that somebody sent.
    public let member: String
    /// What is wrong with it, as a clause.
    public let reason: String

    /// A refusal of a member, as `invalid_client_metadata`.
    public init(_ member: String, _ reason: StaticString) {
        self.init(.invalidClientMetadata, member, reason)
    }

    /// A refusal of a member; the reason follows "it".
    public init(_ code: Code, _ member: String, _ reason: StaticString) {
        self.code = code
        self.member = member
        self.reason = "it \(reason)"
    }

    init(_ refusal: ClientMetadata.Refusal) {
        self.init(.invalidClientMetadata, refusal.member, refusal.reason)
    }

    /// One sentence for the developer of the relying party, within the characters of RFC 6749 §5.2.
    public var description: String { "\(member): \(reason)" }
}
