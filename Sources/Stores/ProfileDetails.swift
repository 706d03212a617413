public import OAuthTypes

/// What a person tells of themselves beside name and e-mail address: OpenID Connect Core §5.1.
public struct ProfileDetails: Sendable, Equatable {
    /// One thing to tell; the raw value is the column, and the claim where there is one.
    public enum Field: String, Sendable, Hashable, CaseIterable {
        /// Parts of the name, and other names.
        case givenName = "given_name"
        /// Parts of the name, and other names.
        case familyName = "family_name"
        /// Parts of the name, and other names.
        case middleName = "middle_name"
        /// Parts of the name, and other names.
        case nickname
        /// Parts of the name, and other names.
        case preferredUsername = "preferred_username"
        /// An `https` address.
        case profile
        /// An `https` address.
        case picture
        /// An `https` address.
        case website
        /// A word.
        case gender
        /// A day, a day without its year, or a year.
        case birthdate
        /// A name of the time zone database.
        case zoneinfo
        /// A language tag.
        case locale
        /// E.164, such as `+15555550123`.
        case phoneNumber = "phone_number"
        /// A part of the postal address (§5.1.1); the street may have several lines.
        case streetAddress = "street_address"
        /// A part of the postal address (§5.1.1).
        case locality
        /// A part of the postal address (§5.1.1).
        case region
        /// A part of the postal address (§5.1.1).
        case postalCode = "postal_code"
        /// A part of the postal address (§5.1.1).
        case country
    }

    /// Whose they are.
    public let userID: UserID
    /// What is told; nothing is empty.
    public private(set) var values: [Field: String]
    /// Names in another language or script (§5.2), such as `family_name#ja-Kana-JP`; nothing is empty.
    public private(set) var translations: [ClaimName: String]

    /// Details; what is empty is left out.
    public init(of userID: UserID, _ values: [Field: String] = [:], translations: [ClaimName: String] = [:]) {
        self.userID = userID
        self.values = values.filter { !$0.value.isEmpty }
        self.translations = translations.filter { !$0.value.isEmpty && $0.key.tag != nil }
    }

    /// What is told in a field; nil for nothing.
    public subscript(field: Field) -> String? { values[field] }
}

/// What people tell of themselves.
public protocol ProfileStore: Sendable {
    /// The details of a person; nil where none were ever kept.
    func find(_ user: UserID) async throws -> ProfileDetails?
    /// Puts all details of a person in place of those before, and notes in the account that its profile changed.
    ///
    /// False, and nothing has changed, where there is no such account or it is disabled.
    func replace(_ details: ProfileDetails, at now: Timestamp) async throws -> Bool
    /// What each source says of a person, by source.
    func tellings(of user: UserID) async throws -> [ProfileTelling]
    /// Keeps what a source says in place of what it said before, with the profile that comes of it, if another.
    ///
    /// False, and nothing has changed, where there is no such account; with a change also where it is disabled, or its
    /// profile has changed since.
    func tell(_ telling: ProfileTelling, changing change: ProfileChange?) async throws -> Bool
}

extension ProfileStore {
    /// Notes what a person has written or, empty, taken out: no connector changes that any more.
    public func note(edits: [ProfileMember: String], of user: UserID, at now: Timestamp) async throws {
        guard !edits.isEmpty else { return }
        let before = try await tellings(of: user).first { $0.source == ProfileTelling.person }?.values ?? [:]
        let own = ProfileTelling(
            of: user, by: ProfileTelling.person, before.merging(edits) { _, new in new }, at: now)
        _ = try await tell(own, changing: nil)
    }
}
