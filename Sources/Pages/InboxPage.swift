public import Mustache

/// The mails that development mode keeps instead of sending them.
///
/// They hold links that open accounts: production mode must not serve it.
public struct InboxPage: Page {
    /// One mail.
    public struct Mail: Equatable, Sendable {
        /// Its place in the inbox.
        public let number: Int
        /// Whom it goes to.
        public let recipient: String
        /// Its subject.
        public let subject: String
        /// When it was ordered.
        public let time: String
        /// Its text.
        public let text: String
        /// Where its HTML is shown.
        public let htmlURL: String

        /// A mail.
        public init(number: Int, recipient: String, subject: String, time: String, text: String, htmlURL: String) {
            self.number = number
            self.recipient = recipient
            self.subject = subject
            self.time = time
            self.text = text
            self.htmlURL = htmlURL
        }
    }

    /// The page's template.
    public static let template = "inbox"

    /// The mails, the newest first.
    public let mails: [Mail]

    /// An inbox.
    public init(mails: [Mail]) {
        self.mails = mails
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "isEmpty": .bool(mails.isEmpty),
            "mails": .list(
                mails.map { mail in
                    [
                        "number": .integer(mail.number),
                        "recipient": .string(mail.recipient),
                        "subject": .string(mail.subject),
                        "time": .string(mail.time),
                        "text": .string(mail.text),
                        "htmlURL": .link(mail.htmlURL),
                    ]
                }),
        ]
    }

    /// A page with everything on it.
    public static var example: InboxPage {
        InboxPage(mails: [
            Mail(
                number: 1, recipient: "mara.lindqvist@example.org", subject: "Set a new password",
                time: "2026-01-31T23:59:59Z", text: "Hello Mara", htmlURL: "/inbox/1")
        ])
    }
}
