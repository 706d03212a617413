/// What the languages at the foot of a page need: choosing one posts `language` and `back`.
public struct LanguageChoice: Equatable, Sendable {
    /// Where the form is posted to.
    public let action: String
    /// The page that is shown again afterwards: its path, with its query.
    public let back: String

    /// A choice.
    public init(action: String, back: String) {
        self.action = action
        self.back = back
    }
}
