public import Mustache

/// All pages and mails with their templates, messages and static files, checked against each other when it is made.
///
/// Rendering a page of a set that was made cannot miss a key, a partial or a message, in any of its languages.
public struct PageSet: Sendable {
    /// Every page there is; the templates in the root of the folder are exactly theirs.
    public static let pages: [any Page.Type] = [
        SignInPage.self, SelectAccountPage.self, ConsentPage.self, InteractionOverPage.self, FormPostPage.self,
        SignOutPage.self, SignedOutPage.self, ErrorPage.self, HomePage.self, PlaygroundPage.self,
        ForgotPasswordPage.self, MailSentPage.self, ResetPasswordPage.self, LinkOverPage.self, AccountDonePage.self,
        SignUpPage.self, SignUpCodePage.self, SignUpConfirmPage.self, InboxPage.self,
        SecondFactorPage.self, RecoveryCodeUsedPage.self, AccountPage.self, AccountSecurityPage.self,
        AuthenticatorPage.self, RecoveryCodesPage.self, AccountSessionsPage.self, AccountAppsPage.self,
        ChangePasswordPage.self, ChangeEmailPage.self, DeleteAccountPage.self, LeavingPage.self, FollowLinkPage.self,
        RemovePasswordPage.self,
        ProfilePage.self, ConnectorAccountPage.self,
    ]

    /// Every text file there is.
    static let files: [any TextFile.Type] = [RecoveryCodesFile.self]

    /// Keys that every template may use, and the static file whose address each stands for.
    static let commonAssets = ["styleURL": "style.css", "scriptURL": "script.js", "iconURL": "favicon.svg"]

    /// The static files, by name.
    public let assets: [String: StaticAsset]
    /// The languages that everything is there in, sorted by their tags.
    public let languages: [Language]
    /// The language of whoever wishes for none of them.
    public let defaultLanguage: Language

    private let editions: [Language: Edition]

    /// Reads a folder laid out like `templates/`: pages in its root, partials in subfolders, messages by language in
    /// `messages/`, files to send in `static/`.
    ///
    /// Files and messages of the `overlay` folder, which is laid out in the same way, take the place of those of the same
    /// name. `basePath` is the path of the issuer without a slash at its end, empty where it has none.
    /// Throws every mistake of every file at once.
    public init(
        directory: String, overlay: String? = nil, basePath: String = "", language: Language = .english
    ) throws(PageError) {
        var folder = TemplateFolder(reading: directory)
        // Mistakes that only follow from a folder that is not there would hide the one that counts.
        guard !folder.sources.isEmpty else { throw PageError(folder.problems) }
        if let overlay { folder.lay(over: overlay) }
        try self.init(folder, basePath: basePath, language: language)
    }

    init(
        _ folder: TemplateFolder,
        basePath: String = "",
        language: Language = .english,
        pages: [any Page.Type] = PageSet.pages,
        mails: [any Mail.Type] = PageSet.mails,
        files: [any TextFile.Type] = PageSet.files
    ) throws(PageError) {
        var problems = folder.problems
        assets = Dictionary(folder.assets.map { ($0.name, $0) }) { _, last in last }
        problems += PageSet.commonAssets.values.filter { [assets] in assets[$0] == nil }.map {
            .init(file: "\(TemplateFolder.assetsFolder)/\($0)", "every page needs this file; add it")
        }

        let shared = SharedTemplates(folder)
        problems += shared.problems
        languages = Set(folder.messages.map(\.language)).union([.english]).sorted { $0.tag < $1.tag }
        defaultLanguage = languages.first { $0.key == language.key } ?? .english
        if defaultLanguage.key != language.key {
            let known = languages.map(\.tag).joined(separator: ", ")
            let message = "there are no messages in this language, which is to be the default; there are \(known)"
            problems.append(.init(file: "\(MessageFile.folder)/\(language.tag)", message))
        }
        let reference = Wording(.english, folder.messages)

        let common = PageSet.common(assets, basePath: basePath)
        var editions: [Language: Edition] = [:]
        for language in languages {
            let wording = language == reference.language ? reference : Wording(language, folder.messages)
            problems += wording.problems
            if language != reference.language { problems += wording.differences(from: reference) }
            let edition = Edition(wording, shared: shared, common: common)
            problems += edition.problems(of: pages, mails, files, wording, shared: shared, reference: reference)
            editions[language] = edition
        }
        let names = languages.compactMap { language in editions[language].map { (language, $0.ownName) } }
        self.editions = editions.mapValues { $0.naming(names) }
        problems += PageSet.strangers(in: folder, pages, mails)
        // A template that is missing or cannot be read would have shown messages.
        if problems.isEmpty {
            problems += reference.unused(besides: shared.inclusions.union(PageSet.ownMessages(in: reference)))
        }
        guard problems.isEmpty else { throw PageError(problems) }
    }

    /// The language of this tag, in whatever case; otherwise the default.
    public func language(tagged tag: String?) -> Language {
        guard let tag else { return defaultLanguage }
        let key = tag.lowercased()
        return languages.first { $0.key == key } ?? defaultLanguage
    }

    /// The language that wishes lead to: RFC 4647 §3.4; nil where none of them is there.
    public func language(for wishes: LanguageRanges) -> Language? { wishes.lookup(among: languages) }

    /// Renders a page to UTF-8, in the default language where none is named.
    ///
    /// Throws only where sections nest without end, which the check at start excludes.
    public func render(
        _ page: some Page, in language: Language? = nil, choice: LanguageChoice? = nil, format: PageFormat = .page
    ) throws(MustacheError) -> [UInt8] {
        try render(type(of: page).template, page.value, in: language, choice: choice, format: format)
    }

    func render(
        _ template: String, _ value: MustacheValue, in language: Language? = nil, choice: LanguageChoice? = nil,
        format: PageFormat = .page
    ) throws(MustacheError) -> [UInt8] {
        guard let edition = editions[language ?? defaultLanguage] ?? editions[defaultLanguage] else { return [] }
        return try edition.page(template, value, choice, format)
    }

    /// Renders a mail, in the default language where none is named.
    ///
    /// Throws only where sections nest without end, which the check at start excludes.
    public func render(_ mail: some Mail, in language: Language? = nil) throws(MustacheError) -> RenderedMail {
        guard let edition = editions[language ?? defaultLanguage] ?? editions[defaultLanguage] else {
            return RenderedMail(subject: "", text: "", html: "")
        }
        return try edition.mail(mail)
    }

    /// Renders a text file, in the default language where none is named.
    ///
    /// Throws only where sections nest without end, which the check at start excludes.
    public func render(_ file: some TextFile, in language: Language? = nil) throws(MustacheError) -> String {
        guard let edition = editions[language ?? defaultLanguage] ?? editions[defaultLanguage] else { return "" }
        return try edition.file(file)
    }

    private static func common(_ assets: [String: StaticAsset], basePath: String) -> [String: MustacheValue] {
        commonAssets.mapValues { .string(basePath + (assets[$0]?.path ?? "")) }
    }

    /// Messages that other messages show, or that are shown without a template.
    private static func ownMessages(in wording: Wording) -> Set<String> {
        wording.templates.reduce(into: [Edition.nameMessage]) { $0.formUnion($1.inclusions) }
    }

    /// Templates that nothing is shown with.
    private static func strangers(
        in folder: TemplateFolder, _ pages: [any Page.Type], _ mails: [any Mail.Type]
    ) -> [PageError.Problem] {
        let knownPages = Set(pages.map { $0.template })
        let knownMails = Set(mails.flatMap { [MailNames($0).text, MailNames($0).html] })
        return folder.sources.keys.compactMap { name in
            let file = folder.overlaid[name] ?? name + TemplateFolder.suffix
            if !name.utf8.contains(UInt8(ascii: "/")) {
                return knownPages.contains(name)
                    ? nil
                    : .init(
                        file: file,
                        "no page is shown with this template; remove it, or move a partial into a subfolder")
            }
            guard !mails.isEmpty, name.hasPrefix(MailNames.folder), name.hasSuffix(".text") || name.hasSuffix(".html"),
                !knownMails.contains(name)
            else { return nil }
            return .init(file: file, "no mail is written with this template; remove it")
        }
    }
}
