public import Mustache

/// Waits for the code from the mail of a sign-up.
///
/// One form posts `csrf` and `code`, the other `csrf` alone, for one more mail.
public struct SignUpCodePage: Page {
    /// What to say beside the question.
    public enum Remark: Equatable, Sendable {
        /// The code is another; so many guesses are left.
        case wrongCode(left: Int)
        /// No code works any more; another mail has a new one.
        case codeIsOver
        /// One more mail is on its way.
        case sentAgain
        /// There were too many mails; the seconds to wait, nil where no wait helps.
        case tooManyMails(seconds: Int?)
    }

    /// The page's template.
    public static let template = "sign-up-code"

    /// The address as it was typed.
    public let email: String
    /// How long the code works.
    public let codeLifetime: ShownPeriod
    /// How long the link works.
    public let linkLifetime: ShownPeriod
    /// What to say; nil at first.
    public let remark: Remark?
    /// The token against forged posts.
    public let csrf: String
    /// Where the code is posted to.
    public let action: String
    /// Where the wish for one more mail is posted to.
    public let resendAction: String
    /// The inbox of development mode; nil in production.
    public let inboxURL: String?

    /// A page.
    public init(
        email: String, code codeLifetime: ShownPeriod, link linkLifetime: ShownPeriod, remark: Remark? = nil,
        csrf: String, action: String, resendAction: String,
        inboxURL: String? = nil
    ) {
        self.email = email
        self.codeLifetime = codeLifetime
        self.linkLifetime = linkLifetime
        self.remark = remark
        self.csrf = csrf
        self.action = action
        self.resendAction = resendAction
        self.inboxURL = inboxURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        var left: Int?
        if case .wrongCode(let number) = remark { left = number }
        var wait: MustacheValue = .null
        if case .tooManyMails(let seconds) = remark { wait = ["wait": ShownWait.value(seconds)] }
        return [
            "email": .string(email),
            "codeTime": codeLifetime.value,
            "linkTime": linkLifetime.value,
            "problem": .bool(left != nil || remark == .codeIsOver),
            "wrongCode": .bool(left != nil),
            "left": .count(left ?? 0),
            "codeIsOver": .bool(remark == .codeIsOver),
            "sentAgain": .bool(remark == .sentAgain),
            "tooManyMails": wait,
            "csrf": .string(csrf),
            "action": .link(action),
            "resendAction": .link(resendAction),
            "inboxURL": .link(inboxURL),
        ]
    }

    /// A page with everything on it.
    public static var example: SignUpCodePage {
        SignUpCodePage(
            email: "mara.lindqvist@example.org", code: ShownPeriod(seconds: 600), link: ShownPeriod(seconds: 86_400),
            remark: .wrongCode(left: 3), csrf: "Yk3J0", action: "/sign-up/8f2c1d",
            resendAction: "/sign-up/8f2c1d/mail", inboxURL: "/inbox")
    }
}
