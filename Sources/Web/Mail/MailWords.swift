import AuthorizationServer
public import Identity
import OAuthTypes
public import Pages

extension PageSet {
    /// Gives mails their words: each content has one template.
    ///
    /// `lifetimes` are those that the mails tell; `places` says where networks are, nil says it of none.
    public func mailWriter(
        issuer: String, lifetimes: MailLifetimes = MailLifetimes(), places: Places? = nil
    ) -> MailWriter {
        let (code, proof) = (ShownPeriod(lifetimes.code), ShownPeriod(lifetimes.link))
        let reset = ShownPeriod(lifetimes.reset)
        return { content, tag in
            let language = self.language(tagged: tag)
            let mail =
                switch content {
                case .resetPassword(let name, let link):
                    try self.render(ResetPasswordMail(name: name, link: link, for: reset), in: language)
                case .passwordElsewhere(let name, let keeper):
                    try self.render(
                        PasswordElsewhereMail(name: name, keeper: keeper.name, link: keeper.page), in: language)
                case .passwordChanged(let name, let time, let link, let isRecourse):
                    try self.render(
                        PasswordChangedMail(
                            name: name, time: ShownMoment(seconds: time.seconds), link: link, isRecourse: isRecourse),
                        in: language)
                case .signUp(_, let digits, let link):
                    try self.render(SignUpMail(code: digits, link: link, for: code, proof), in: language)
                case .accountExists(let name, let link):
                    try self.render(AccountExistsMail(name: name, link: link), in: language)
                case .invitation(let link): try self.render(InvitationMail(link: link), in: language)
                case .changeEmail(let digits, let link):
                    try self.render(ChangeEmailMail(code: digits, link: link, for: code, proof), in: language)
                case .emailInUse(let name, let link):
                    try self.render(EmailInUseMail(name: name, link: link), in: language)
                case .emailChanged(let name, let time, let end, let link):
                    try self.render(
                        EmailChangedMail(
                            name: name, time: ShownMoment(seconds: time.seconds),
                            end: ShownMoment(seconds: end.seconds),
                            link: link), in: language)
                case .emailTaken(let name): try self.render(EmailTakenMail(name: name), in: language)
                case .notice(let event, let name, let time, let link):
                    try self.render(event, name, ShownMoment(seconds: time.seconds), link, places, in: language)
                case .deletion(let name, let time, let link):
                    try self.render(
                        DeletionMail(name: name, time: ShownMoment(seconds: time.seconds), link: link), in: language)
                case .lockedOut(let isSecondFactor, let network, let name, let time, let link):
                    try self.render(
                        LockedOutMail(
                            isSecondFactor: isSecondFactor, network: network, name: name,
                            time: ShownMoment(seconds: time.seconds), link: link), in: language)
                case .signInCode(let digits, let name, let link):
                    try self.render(SignInCodeMail(code: digits, name: name, link: link, for: code), in: language)
                case .noAccount: try self.render(NoAccountMail(issuer: issuer), in: language)
                case .test: try self.render(TestMail(issuer: issuer), in: language)
                }
            return MailText(subject: HeaderText(mail.subject), text: mail.text, html: mail.html)
        }
    }

    private func render(
        _ event: AccountNotices.Event, _ name: String, _ time: ShownMoment, _ link: String, _ places: Places?,
        in language: Language
    ) throws -> RenderedMail {
        let shown: AccountNoticeMail.Event
        switch event {
        case .newDevice(let traits):
            return try render(
                NewDeviceMail(
                    device: traits.device, network: traits.network,
                    place: traits.network.flatMap { places?.name(ofNetwork: $0, in: language.tag) }, name: name,
                    time: time, link: link),
                in: language)
        case .authenticatorAdded: shown = .authenticatorAdded
        case .authenticatorRemoved: shown = .authenticatorRemoved
        case .recoveryCodeUsed(let left): shown = .recoveryCodeUsed(left: left)
        case .recoveryCodesRenewed: shown = .recoveryCodesRenewed
        case .passkeyAdded(let passkey): shown = .passkeyAdded(passkey)
        case .passkeyRemoved(let passkey): shown = .passkeyRemoved(passkey)
        case .passwordRemoved: shown = .passwordRemoved
        case .mailCodesAdded: shown = .mailCodesAdded
        case .mailCodesRemoved: shown = .mailCodesRemoved
        case .identityLinked(let connector): shown = .identityLinked(connector)
        case .identityUnlinked(let connector): shown = .identityUnlinked(connector)
        case .accountMade(let connector): shown = .accountMade(connector)
        }
        return try render(AccountNoticeMail(shown, name: name, time: time, link: link), in: language)
    }
}

extension ShownPeriod {
    init(_ period: Duration) { self.init(seconds: period.wholeSeconds) }
}
