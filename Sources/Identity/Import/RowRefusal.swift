/// Why a row of an export was not taken: a word for programs, and what is wrong for people.
public struct RowRefusal: Error, Sendable, Equatable {
    /// The word that stands in the report.
    public let reason: Reason
    /// What more there is to say, such as the name of a member; never anything that a row holds.
    public let detail: String?

    /// Closed, so that whoever reads reports knows them all.
    public enum Reason: String, Sendable, CaseIterable {
        /// The row is longer than any person's.
        case tooLong = "row_too_long"
        /// It has another number of cells than the headings.
        case otherCells = "wrong_number_of_cells"
        /// It is no JSON object.
        case malformed = "malformed_json"
        /// A member is of another type than it should be.
        case wrongType = "wrong_type"
        /// A member that the format does not have: it may be misspelt.
        case unknownMember = "unknown_member"
        /// Nobody can sign in without an address.
        case noEmail = "no_email"
        /// It is no address.
        case invalidEmail = "invalid_email"
        /// Over 200 characters, or with control characters.
        case invalidName = "invalid_name"
        /// It is no person but a client.
        case notAPerson = "not_a_person"
        /// The password's hash cannot be used here.
        case unusableHash = "unusable_password_hash"
        /// The person's second factor cannot be used here, and without it the account would be weaker.
        case unusableSecondFactor = "unusable_second_factor"
        /// Another account has this address already.
        case addressTaken = "address_taken"
        /// Another row of the same source has this identifier.
        case identifierTaken = "identifier_taken"
        /// Another account is opened by one of their identities at a connector.
        case identityTaken = "identity_taken"
    }

    /// A refusal.
    public init(_ reason: Reason, _ detail: String? = nil) {
        self.reason = reason
        self.detail = detail
    }

    static let tooLong = RowRefusal(.tooLong)
    static let otherCells = RowRefusal(.otherCells)
}
