extension PageSet {
    /// Every mail there is; the templates in `mail/` are exactly theirs, but for its partials.
    public static let mails: [any Mail.Type] = [
        ResetPasswordMail.self, PasswordElsewhereMail.self, PasswordChangedMail.self, SignUpMail.self,
        AccountExistsMail.self, InvitationMail.self,
        TestMail.self, ChangeEmailMail.self, EmailInUseMail.self, EmailChangedMail.self, EmailTakenMail.self,
        AccountNoticeMail.self, NewDeviceMail.self, DeletionMail.self, NoAccountMail.self,
        LockedOutMail.self, SignInCodeMail.self,
    ]
}

/// The names of the two templates of a mail.
struct MailNames {
    static let folder = "mail/"

    let text: String
    let html: String

    init(_ mail: any Mail.Type) {
        text = MailNames.folder + mail.template + ".text"
        html = MailNames.folder + mail.template + ".html"
    }
}
