public import Mustache

/// All pages with their templates and static files, checked against each other when it is made.
///
/// Rendering a page of a set that was made cannot miss a key or a partial.
public struct PageSet: Sendable {
    /// Every page there is; the templates in the root of the folder are exactly theirs.
    public static let pages: [any Page.Type] = [
        SignInPage.self, SelectAccountPage.self, ConsentPage.self, InteractionOverPage.self, FormPostPage.self,
        SignOutPage.self, SignedOutPage.self, ErrorPage.self, HomePage.self, PlaygroundPage.self,
        ForgotPasswordPage.self, MailSentPage.self, ResetPasswordPage.self, LinkOverPage.self, AccountDonePage.self,
        SignUpPage.self, SignUpCodePage.self, SignUpConfirmPage.self, InboxPage.self,
        SecondFactorPage.self, RecoveryCodeUsedPage.self, AccountPage.self, AccountSecurityPage.self,
        AuthenticatorPage.self, RecoveryCodesPage.self, AccountSessionsPage.self,
        ChangePasswordPage.self, ChangeEmailPage.self, DeleteAccountPage.self, LeavingPage.self, FollowLinkPage.self,
    ]

    /// Keys that every template may use, and the static file whose address each stands for.
    static let commonAssets = ["styleURL": "style.css", "scriptURL": "script.js", "iconURL": "favicon.svg"]

    /// The static files, by name.
    public let assets: [String: StaticAsset]

    private let templates: TemplateSet
    /// The same templates for plain text, where nothing is escaped.
    let texts: TemplateSet
    private let common: [String: MustacheValue]

    /// Reads a folder laid out like `templates/`: pages in its root, partials in subfolders, files to send in `static/`.
    ///
    /// `basePath` is the path of the issuer without a slash at its end, empty where it has none.
    /// Throws every mistake of every file at once.
    public init(directory: String, basePath: String = "") throws(PageError) {
        let folder = TemplateFolder(reading: directory)
        // Mistakes that only follow from a folder that is not there would hide the one that counts.
        guard !folder.sources.isEmpty else { throw PageError(folder.problems) }
        try self.init(
            folder.sources, folder.assets, basePath: basePath, pages: PageSet.pages, mails: PageSet.mails,
            earlier: folder.problems
        )
    }

    /// Takes template sources by name (the path in the folder without `.mustache`).
    ///
    /// Throws every mistake of every template at once; see ``init(directory:basePath:)``.
    public init(sources: [String: String], assets: [StaticAsset], basePath: String = "") throws(PageError) {
        try self.init(sources, assets, basePath: basePath, pages: PageSet.pages, mails: PageSet.mails, earlier: [])
    }

    init(
        _ sources: [String: String],
        _ assets: [StaticAsset],
        basePath: String,
        pages: [any Page.Type],
        mails: [any Mail.Type] = [],
        earlier: [PageError.Problem]
    ) throws(PageError) {
        var problems = earlier
        self.assets = Dictionary(assets.map { ($0.name, $0) }) { _, last in last }

        var common: [String: MustacheValue] = [:]
        for (key, name) in PageSet.commonAssets {
            common[key] = .string(basePath + (self.assets[name]?.path ?? ""))
            if self.assets[name] == nil {
                problems.append(
                    .init(file: "\(TemplateFolder.assetsFolder)/\(name)", "every page needs this file; add it"))
            }
        }
        self.common = common

        var templates = TemplateSet([])
        var texts = TemplateSet([], escaping: .none)
        for (name, source) in sources {
            do throws(MustacheError) {
                let template = try Template(parsing: source, named: name)
                templates.insert(template)
                texts.insert(template)
            } catch {
                problems.append(.init(error))
            }
        }
        self.templates = templates
        self.texts = texts

        problems += PageSet.problems(of: mails, in: templates, sources: sources)
        problems += PageSet.problems(of: pages, in: templates, sources: sources, common: common)
        guard problems.isEmpty else { throw PageError(problems) }
    }

    /// Renders a page to UTF-8.
    ///
    /// Throws only where sections nest without end, which the check at start excludes.
    public func render(_ page: some Page) throws(MustacheError) -> [UInt8] {
        try render(type(of: page).template, page.value)
    }

    func render(_ template: String, _ value: MustacheValue) throws(MustacheError) -> [UInt8] {
        try templates.render(template, PageSet.merging(value, common))
    }

    private static func merging(_ value: MustacheValue, _ common: [String: MustacheValue]) -> MustacheValue {
        guard case .object(let members) = value else { return value }
        return .object(members.merging(common) { own, _ in own })
    }

    private static func problems(
        of pages: [any Page.Type],
        in templates: TemplateSet,
        sources: [String: String],
        common: [String: MustacheValue]
    ) -> [PageError.Problem] {
        var problems: [PageError.Problem] = []
        for page in pages {
            let file = page.template + TemplateFolder.suffix
            guard sources[page.template] != nil else {
                problems.append(.init(file: file, "this template is missing: \(page) is shown with it; add it"))
                continue
            }
            let value = page.example.value
            guard case .object(let members) = value else {
                problems.append(.init(file: file, "\(page) is not an object; give its value named members"))
                continue
            }
            for key in members.keys where common[key] != nil {
                problems.append(.init(file: file, "\(page) hides the common key `\(key)`; rename the page's own"))
            }
            // A template that did not parse has said so already, and so would everyone that includes it.
            let errors = templates.check(page.template, against: MustacheSchema(of: merging(value, common)))
            problems += errors.filter { !isAboutUnparsed($0, templates, sources) }.map { .init($0) }
        }
        let known = Set(pages.map { $0.template })
        for name in sources.keys where !name.utf8.contains(UInt8(ascii: "/")) && !known.contains(name) {
            let message = "no page is shown with this template; remove it, or move a partial into a subfolder"
            problems.append(.init(file: name + TemplateFolder.suffix, message))
        }
        return problems
    }

    static func isAboutUnparsed(
        _ error: MustacheError,
        _ templates: TemplateSet,
        _ sources: [String: String]
    ) -> Bool {
        guard case .unknownTemplate(let name) = error.problem else { return false }
        return sources[name] != nil && templates[name] == nil
    }
}
