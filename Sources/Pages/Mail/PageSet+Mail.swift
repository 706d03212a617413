public import Mustache

extension PageSet {
    /// Every mail there is; the templates in `mail/` are exactly theirs, but for its partials.
    public static let mails: [any Mail.Type] = [
        ResetPasswordMail.self, PasswordChangedMail.self, SignUpMail.self, AccountExistsMail.self, InvitationMail.self,
        TestMail.self, ChangeEmailMail.self, EmailInUseMail.self, EmailChangedMail.self, EmailTakenMail.self,
        AccountNoticeMail.self, NewDeviceMail.self, DeletionMail.self, NoAccountMail.self, SignInCodeMail.self,
    ]

    /// The folder of the templates of mails.
    static let mailFolder = "mail/"

    private static func templates(of mail: any Mail.Type) -> (text: String, html: String) {
        (mailFolder + mail.template + ".text", mailFolder + mail.template + ".html")
    }

    /// Renders a mail.
    ///
    /// Throws only where sections nest without end, which the check at start excludes.
    public func render(_ mail: some Mail) throws(MustacheError) -> RenderedMail {
        let names = PageSet.templates(of: type(of: mail))
        let text = String(decoding: try texts.render(names.text, mail.value), as: UTF8.self)
        let html = String(decoding: try render(names.html, mail.value), as: UTF8.self)
        let end = text.firstIndex(of: "\n") ?? text.endIndex
        let rest = text[end...].drop { $0.isNewline }
        return RenderedMail(subject: String(text[..<end]), text: String(rest), html: html)
    }

    static func problems(
        of mails: [any Mail.Type], in templates: TemplateSet, sources: [String: String]
    ) -> [PageError.Problem] {
        var problems: [PageError.Problem] = []
        var known: Set<String> = []
        for mail in mails {
            let names = self.templates(of: mail)
            for name in [names.text, names.html] {
                known.insert(name)
                guard sources[name] != nil else {
                    let message = "this template is missing: \(mail) is written with it; add it"
                    problems.append(.init(file: name + TemplateFolder.suffix, message))
                    continue
                }
                let schema = MustacheSchema(of: mail.example.value)
                let errors = templates.check(name, against: schema)
                problems += errors.filter { !isAboutUnparsed($0, templates, sources) }.map { .init($0) }
            }
        }
        guard !mails.isEmpty else { return problems }
        for name in sources.keys where name.hasPrefix(mailFolder) && !known.contains(name) {
            guard name.hasSuffix(".text") || name.hasSuffix(".html") else { continue }
            let message = "no mail is written with this template; remove it"
            problems.append(.init(file: name + TemplateFolder.suffix, message))
        }
        return problems
    }
}
