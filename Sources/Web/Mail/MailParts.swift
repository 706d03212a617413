public import Identity

extension Site {
    /// What a site with mail has beside the rest.
    public struct MailParts: Sendable {
        /// New passwords for who forgot theirs.
        public let reset: PasswordReset
        /// The making of accounts.
        public let signUp: SignUp
        /// Other addresses for accounts.
        public let emailChange: EmailChange
        /// What people may do about changes that they did not make.
        public let recourses: Recourses
        /// Who may make one.
        public let signUpMode: SignUpMode
        /// The terms to accept; nil where there are none.
        public let termsURL: String?
        /// Where mail is kept instead of sent; nil where it is sent.
        public let inbox: Inbox?

        /// A site's mail.
        public init(
            reset: PasswordReset, signUp: SignUp, emailChange: EmailChange, recourses: Recourses,
            signUpMode: SignUpMode, termsURL: String?, inbox: Inbox?
        ) {
            self.reset = reset
            self.signUp = signUp
            self.emailChange = emailChange
            self.recourses = recourses
            self.signUpMode = signUpMode
            self.termsURL = termsURL
            self.inbox = inbox
        }
    }
}
