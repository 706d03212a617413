public import Mustache

/// Says that a link from a mail, or a sign-up, does not work any more, and what to do.
public struct LinkOverPage: Page {
    /// What it was for.
    public enum Purpose: CaseIterable, Equatable, Sendable {
        /// A new password.
        case resetPassword
        /// An account.
        case signUp
        /// An account of somebody who was invited.
        case invitation
        /// Another address for an account.
        case changeEmail
        /// A way back from a change.
        case recourse
    }

    /// The page's template.
    public static let template = "link-over"

    /// What it was for.
    public let purpose: Purpose
    /// Where another one can be had; nil where only an operator has one.
    public let againURL: String?

    /// A page.
    public init(purpose: Purpose, againURL: String?) {
        self.purpose = purpose
        self.againURL = againURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "resetPassword": .bool(purpose == .resetPassword),
            "signUp": .bool(purpose == .signUp),
            "invitation": .bool(purpose == .invitation),
            "changeEmail": .bool(purpose == .changeEmail),
            "recourse": .bool(purpose == .recourse),
            "againURL": .link(againURL),
        ]
    }

    /// A page with everything on it.
    public static var example: LinkOverPage {
        LinkOverPage(purpose: .resetPassword, againURL: "/forgot-password")
    }
}
