import Mustache

/// All pages and mails in one language: the shared templates with its messages.
struct Edition: Sendable {
    /// What a language calls itself, for the choice of languages.
    static let nameMessage = MessageFile.prefix + "language.name"

    let language: Language
    private let pages: TemplateSet
    /// The same templates for plain text, where nothing is escaped.
    private let texts: TemplateSet
    private var common: [String: MustacheValue]
    private var others: [MustacheValue] = []

    init(_ wording: Wording, shared: SharedTemplates, common: [String: MustacheValue]) {
        language = wording.language
        var templates = TemplateSet(shared.templates + wording.templates)
        templates.plural = PluralRules.rule(for: language)
        pages = templates
        templates.escaping = .none
        texts = templates
        self.common = common
        self.common["language"] = .string(language.tag)
    }

    /// What the language calls itself; its tag where no message says it.
    var ownName: String { (try? texts.renderText(Edition.nameMessage, .null)) ?? language.tag }

    /// Tells the edition what the languages are called.
    func naming(_ names: [(language: Language, name: String)]) -> Edition {
        var edition = self
        edition.others = names.filter { $0.language != language }.map {
            ["tag": .string($0.language.tag), "name": .string($0.name)]
        }
        return edition
    }

    func page(
        _ template: String, _ value: MustacheValue, _ choice: LanguageChoice?, _ format: PageFormat
    ) throws(MustacheError) -> [UInt8] {
        guard case .object(var members) = value else { return try pages.render(template, value) }
        members.merge(common) { own, _ in own }
        members["languageChoice"] = others.isEmpty ? .null : choice.map { Edition.value($0, others) } ?? .null
        members["popup"] = .bool(format == .popup)
        return try pages.render(template, .object(members))
    }

    func mail(_ mail: some Mail) throws(MustacheError) -> RenderedMail {
        let names = MailNames(type(of: mail))
        let value = withLanguage(mail.value)
        let text = try texts.renderText(names.text, value)
        let html = try pages.renderText(names.html, value)
        let end = text.firstIndex(of: "\n") ?? text.endIndex
        let rest = text[end...].drop { $0.isNewline }
        return RenderedMail(subject: String(text[..<end]), text: MailLines.wrap(String(rest)), html: html)
    }

    func file(_ file: some TextFile) throws(MustacheError) -> String {
        try texts.renderText(type(of: file).path, file.value)
    }

    private func withLanguage(_ value: MustacheValue) -> MustacheValue {
        guard case .object(var members) = value else { return value }
        members["language"] = .string(language.tag)
        return .object(members)
    }

    private static func value(_ choice: LanguageChoice, _ others: [MustacheValue]) -> MustacheValue {
        ["action": .link(choice.action), "back": .string(choice.back), "others": .list(others)]
    }

    // MARK: What is wrong

    /// Everything that showing the pages and mails would hide.
    func problems(
        of pages: [any Page.Type], _ mails: [any Mail.Type], _ files: [any TextFile.Type], _ wording: Wording,
        shared: SharedTemplates, reference: Wording
    ) -> [PageError.Problem] {
        var known = common
        known["languageChoice"] = Edition.value(
            LanguageChoice(action: "/language", back: "/"), [["tag": "de", "name": "Deutsch"]])
        known["popup"] = .bool(true)
        var problems: [PageError.Problem] = []
        func check(_ template: String, _ schema: MustacheSchema) {
            problems += self.pages.check(template, against: schema).compactMap {
                problem($0, wording, shared, reference)
            }
        }
        for page in pages {
            let file = page.template + TemplateFolder.suffix
            guard shared.names.contains(page.template) else {
                problems.append(.init(file: file, "this template is missing: \(page) is shown with it; add it"))
                continue
            }
            guard case .object(let members) = page.example.value else {
                problems.append(.init(file: file, "\(page) is not an object; give its value named members"))
                continue
            }
            for key in members.keys where known[key] != nil {
                problems.append(.init(file: file, "\(page) hides the common key `\(key)`; rename the page's own"))
            }
            let schema = MustacheSchema(of: .object(members.merging(known) { own, _ in own }))
            check(page.template, schema)
        }
        for file in files where shared.names.contains(file.path) {
            check(file.path, MustacheSchema(of: file.example.value))
        }
        for file in files where !shared.names.contains(file.path) {
            let message = "this template is missing: \(file) is written with it; add it"
            problems.append(.init(file: file.path + TemplateFolder.suffix, message))
        }
        for mail in mails {
            let schema = MustacheSchema(of: withLanguage(mail.example.value))
            let names = MailNames(mail)
            for name in [names.text, names.html] {
                guard shared.names.contains(name) else {
                    let message = "this template is missing: \(mail) is written with it; add it"
                    problems.append(.init(file: name + TemplateFolder.suffix, message))
                    continue
                }
                check(name, schema)
            }
        }
        return problems
    }

    /// A mistake as it is told; nil where something else tells it.
    private func problem(
        _ error: MustacheError, _ wording: Wording, _ shared: SharedTemplates, _ reference: Wording
    ) -> PageError.Problem? {
        let problem = wording.places[error.template] == nil ? shared.problem(error) : wording.problem(error)
        guard case .unknownTemplate(let name) = error.problem else { return problem }
        // A template that did not parse has said so already, and so would everyone that includes it.
        if shared.names.contains(name) || wording.places[name] != nil { return nil }
        guard name.hasPrefix(MessageFile.prefix) else { return problem }
        // What only this language lacks is told by the comparison of the languages.
        guard language == reference.language else { return nil }
        let parts = name.dropFirst(MessageFile.prefix.utf8.count).split(separator: ".", maxSplits: 1)
        let file = Wording.file(of: parts.first ?? "", in: language)
        return .init(
            file: problem.file, position: problem.position,
            "there is no message `\(parts.last ?? "")` in \(file); add it, in every language")
    }
}
