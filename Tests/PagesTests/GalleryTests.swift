import Foundation
import Testing

@testable import Pages

/// Every page in every state, and every mail, in every language as files, for Tests/Browser/accessibility.py: a browser has more to say of them
/// than these suites, and looks at them far sooner without the ways that lead to each.
@Suite("Pages: a gallery for browsers")
struct GalleryTests {
    /// The folder that gets it; nothing is written unless it is named.
    static let folder = ProcessInfo.processInfo.environment["MARTLET_PAGE_GALLERY"]

    private struct Entry: Encodable {
        let file: String
        let template: String
        let state: String
        let language: String
    }

    @Test(.enabled(if: folder != nil, "written where MARTLET_PAGE_GALLERY names a folder"))
    func isWritten() throws {
        let folder = URL(filePath: try #require(Self.folder))
        let set = try ShownPage.set()
        let choice = LanguageChoice(action: "/language", back: "/")
        var entries: [Entry] = []
        for language in set.languages {
            for (number, shown) in ShownPage.all.enumerated() {
                let template = type(of: shown.page).template
                let entry = Entry(
                    file: "\(language.tag)/\(number)-\(template).html", template: template,
                    state: shown.testDescription, language: language.tag)
                let html = try set.render(shown.page, in: language, choice: choice)
                try write(html, to: folder.appending(path: entry.file))
                entries.append(entry)
            }
            for mail in MailTests.all {
                let template = "mail-" + mail.testDescription
                let entry = Entry(
                    file: "\(language.tag)/\(template).html", template: template, state: template,
                    language: language.tag)
                try write(
                    Array(try set.render(mail.mail, in: language).html.utf8), to: folder.appending(path: entry.file))
                entries.append(entry)
            }
        }
        for asset in set.assets.values { try write(asset.bytes, to: folder.appending(path: "static/\(asset.name)")) }
        try JSONEncoder().encode(entries).write(to: folder.appending(path: "index.json"))
    }

    private func write(_ bytes: [UInt8], to file: URL) throws {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}
