public import Mustache

/// What a person may tell of themselves: OpenID Connect Core §5.1.
///
/// Posts `csrf` and a field for each claim; a name in another language has its tag in `tag`.
public struct ProfilePage: Page {
    /// The page's template.
    public static let template = "account-profile"

    /// The fields of the form, by the names in which they are posted.
    public static let fields = [
        "given_name", "family_name", "middle_name", "nickname", "preferred_username",
        "gender", "birthdate", "picture", "profile", "website",
        "locale", "zoneinfo", "phone_number", "street_address", "postal_code",
        "locality", "region", "country", "tag", "translated_name",
        "translated_given_name", "translated_family_name",
    ]

    /// What is around it.
    public let frame: AccountFrame
    /// What each field has; an empty one may be left out.
    public let texts: [String: String]
    /// The fields whose texts cannot be kept.
    public let wrong: Set<String>
    /// Whether it was just saved.
    public let isSaved: Bool
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(
        frame: AccountFrame, texts: [String: String], wrong: Set<String> = [], isSaved: Bool = false, csrf: String
    ) {
        self.frame = frame
        self.texts = texts
        self.wrong = wrong
        self.isSaved = isSaved
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var members: [String: MustacheValue] = [
            "csrf": .string(csrf), "saved": .bool(isSaved), "problem": .bool(!wrong.isEmpty),
        ]
        for field in ProfilePage.fields {
            members[ProfilePage.key(field)] = [
                "text": .string(texts[field] ?? ""), "wrong": .bool(wrong.contains(field)),
            ]
        }
        return frame.value(members)
    }

    /// The key in the template: `profile` is the name of too much else.
    private static func key(_ field: String) -> String {
        guard field != "profile" else { return "page" }
        let words = field.split(separator: "_")
        return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    /// A page with everything on it.
    public static var example: ProfilePage {
        ProfilePage(
            frame: .example, texts: Dictionary(uniqueKeysWithValues: fields.map { ($0, "Lindqvist") }),
            wrong: Set(fields), isSaved: true, csrf: "Yk3J0")
    }
}
