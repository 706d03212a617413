import Pages

/// Where pages and mails have their words and looks.
struct TemplateSettings: Sendable {
    /// Nil where they are looked for.
    let folder: String?
    /// What counts instead of files in that folder; nil for nothing.
    let overlay: String?
    /// The language of whoever wishes for none that is there.
    let language: Language

    init(_ reader: inout SettingsReader) {
        folder = reader.templates()
        overlay = reader.templatesOverlay()
        language = reader.language() ?? .english
    }

    /// The templates that come along, and nothing else.
    init(folder: String?) {
        (self.folder, overlay, language) = (folder, nil, .english)
    }
}
