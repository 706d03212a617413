public import Mustache

/// The start of a person's own pages.
///
/// The form for the name posts `csrf` and `name`, the one that keeps an account `csrf` alone.
public struct AccountPage: Page {
    /// The page's template.
    public static let template = "account"

    /// What is around it.
    public let frame: AccountFrame
    /// The person's name; may be empty.
    public let name: String
    /// What was typed as a name and cannot be one; nil where nothing was.
    public let refusedName: String?
    /// When the account is deleted; nil where it is not to be.
    public let deletedAt: ShownMoment?
    /// The token against forged posts.
    public let csrf: String

    /// A page.
    public init(
        frame: AccountFrame, name: String, refusedName: String? = nil, deletedAt: ShownMoment? = nil, csrf: String
    ) {
        self.frame = frame
        self.name = name
        self.refusedName = refusedName
        self.deletedAt = deletedAt
        self.csrf = csrf
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        frame.value([
            "name": .string(name), "typedName": .string(refusedName ?? name), "invalidName": .bool(refusedName != nil),
            "deletedAt": deletedAt?.value ?? .null, "csrf": .string(csrf),
        ])
    }

    /// A page with everything on it.
    public static var example: AccountPage {
        AccountPage(
            frame: .example, name: "Mara Lindqvist", refusedName: "Mara",
            deletedAt: ShownMoment(seconds: 1_748_779_200),
            csrf: "Yk3J0")
    }
}
