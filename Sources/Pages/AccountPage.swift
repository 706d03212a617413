public import Mustache

/// The start of a person's own pages.
public struct AccountPage: Page {
    /// The page's template.
    public static let template = "account"

    /// What is around it.
    public let frame: AccountFrame
    /// The person's name; may be empty.
    public let name: String

    /// A page.
    public init(frame: AccountFrame, name: String) {
        self.frame = frame
        self.name = name
    }

    /// What the template is rendered with.
    public var value: MustacheValue { frame.value(["name": .string(name)]) }

    /// A page with everything on it.
    public static var example: AccountPage { AccountPage(frame: .example, name: "Mara Lindqvist") }
}
