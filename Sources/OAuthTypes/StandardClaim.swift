/// A claim about a person that OpenID Connect Core §5.1 names, in the order in which it is told.
public enum StandardClaim: String, Sendable, Hashable, CaseIterable {
    /// The full name.
    case name
    /// The names of a person in parts.
    case givenName = "given_name"
    /// The names of a person in parts.
    case familyName = "family_name"
    /// The names of a person in parts.
    case middleName = "middle_name"
    /// A casual name.
    case nickname
    /// A short name by which the person wants to be known; not unique.
    case preferredUsername = "preferred_username"
    /// The address of a page about the person.
    case profile
    /// The address of a picture of the person.
    case picture
    /// The address of the person's own site.
    case website
    /// Any word.
    case gender
    /// `YYYY-MM-DD`, `0000-MM-DD` without the year, or the year alone.
    case birthdate
    /// A name of the time zone database, such as `Europe/Paris`.
    case zoneinfo
    /// A language tag (RFC 5646), such as `de-CH`.
    case locale
    /// When any of these last changed, in seconds since 1970.
    case updatedAt = "updated_at"
    /// The e-mail address.
    case email
    /// Whether the e-mail address has been proven.
    case isEmailVerified = "email_verified"
    /// The postal address, an object (§5.1.1).
    case address
    /// The telephone number in the form of E.164.
    case phoneNumber = "phone_number"
    /// Whether the telephone number has been proven.
    case isPhoneNumberVerified = "phone_number_verified"

    /// The scope that asks for it: §5.4.
    public var scope: Scope {
        switch self {
        case .email, .isEmailVerified: .email
        case .address: .address
        case .phoneNumber, .isPhoneNumberVerified: .phone
        default: .profile
        }
    }

    /// Whether it may be there in several languages and scripts: §5.2.
    public var isLocalized: Bool {
        switch self {
        case .name, .givenName, .familyName, .middleName, .nickname: true
        default: false
        }
    }
}

/// The name of a claim with the language it is wanted in: OpenID Connect Core §5.2, such as `family_name#ja-Kana-JP`.
public struct ClaimName: Sendable, Hashable, CustomStringConvertible {
    /// The claim.
    public let claim: StandardClaim
    /// The language tag; nil for none.
    public let tag: LanguageTag?

    /// A name.
    public init(_ claim: StandardClaim, _ tag: LanguageTag? = nil) {
        self.claim = claim
        self.tag = tag
    }

    /// Reads a name; nil for any that is not known.
    public init?(_ text: String) {
        let halves = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard let claim = halves.first.flatMap({ StandardClaim(rawValue: String($0)) }) else { return nil }
        guard halves.count == 2 else {
            self.init(claim)
            return
        }
        guard let tag = LanguageTag(String(halves[1])) else { return nil }
        self.init(claim, tag)
    }

    /// The name on the wire.
    public var description: String { claim.rawValue + (tag.map { "#" + $0.rawValue } ?? "") }
}

/// A language tag: RFC 5646 §2.1, as far as letters, digits and lengths go; compared without regard to case.
public struct LanguageTag: Sendable, CustomStringConvertible {
    /// The tag as written.
    public let rawValue: String

    /// Nil where the text cannot be a tag.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count <= 35, let first = parts.first, (2...8).contains(first.utf8.count),
            first.utf8.allSatisfy(LanguageTag.isLetter),
            parts.dropFirst().allSatisfy({ part in
                (1...8).contains(part.utf8.count)
                    && part.utf8.allSatisfy { LanguageTag.isLetter($0) || (0x30...0x39).contains($0) }
            })
        else { return nil }
        rawValue = text
    }

    /// The tags of a list parted by spaces, the best first; what is no tag is left out.
    public static func list(_ text: String) -> [LanguageTag] {
        text.split(separator: " ").prefix(10).compactMap { LanguageTag(String($0)) }
    }

    /// The tag as written.
    public var description: String { rawValue }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}

extension LanguageTag: Hashable {
    /// The same tag, in whatever case (RFC 5646 §2.1.1).
    public static func == (left: LanguageTag, right: LanguageTag) -> Bool {
        left.rawValue.lowercased() == right.rawValue.lowercased()
    }

    /// Without regard to case.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue.lowercased())
    }
}
