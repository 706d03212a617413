import AuthorizationServer
public import Identity
import OAuthTypes
public import Pages

extension PageSet {
    /// Gives mails their words: each content has one template.
    public func mailWriter(issuer: String) -> MailWriter {
        { content, tag in
            let language = self.language(tagged: tag)
            let mail =
                switch content {
                case .resetPassword(let name, let link):
                    try self.render(ResetPasswordMail(name: name, link: link), in: language)
                case .passwordChanged(let name, let time, let link):
                    try self.render(
                        PasswordChangedMail(
                            name: name, time: ShownMoment(seconds: time.seconds), link: link), in: language)
                case .signUp(_, let code, let link): try self.render(SignUpMail(code: code, link: link), in: language)
                case .accountExists(let name, let link):
                    try self.render(AccountExistsMail(name: name, link: link), in: language)
                case .invitation(let link): try self.render(InvitationMail(link: link), in: language)
                case .test: try self.render(TestMail(issuer: issuer), in: language)
                }
            return MailText(subject: HeaderText(mail.subject), text: mail.text, html: mail.html)
        }
    }
}
