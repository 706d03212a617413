import Foundation
import Mustache
import Testing

@testable import Pages

@Suite("Messages: every language complete, or nothing starts")
struct MessageTests {
    /// A small folder: one page, in English and German.
    private struct Note: Page {
        static let template = "note"
        var value: MustacheValue { ["name": "Ada", "mails": .count(2)] }
        static let example = Note()
    }

    private static let greeting =
        "Hello {{name}}, {{#mails}}{{#one}}one mail{{/one}}{{#other}}{{count}} mails{{/other}}{{/mails}}."

    private func folder(
        _ page: String = "{{>text/note.greeting}}", english: [String: String] = ["greeting": greeting],
        german: [String: String] = ["greeting": "Hallo {{name}}."]
    ) throws -> TemplateFolder {
        var folder = TemplateFolder(reading: ShownPage.folder)
        folder.sources = ["note": page]
        folder.messages = [try file("en", english), try file("de", german)]
        return folder
    }

    private func file(_ tag: String, _ texts: [String: String], area: String = "note") throws -> MessageFile {
        let language = try #require(Language(tag))
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: texts))
        return try MessageFile(language, area, file: "messages/\(tag)/\(area).json", parsing: bytes)
    }

    private func mistakes(_ folder: TemplateFolder, language: Language = .english) -> [String] {
        ShownPage.mistakes(in: folder, language: language, pages: [Note.self], mails: [], files: [])?.problems.map(
            \.description)
            ?? []
    }

    @Test func showsAPageInItsLanguages() throws {
        let set = try PageSet(try folder(), pages: [Note.self], mails: [], files: [])
        let german = try #require(Language("de"))
        #expect(String(decoding: try set.render(Note(), in: .english), as: UTF8.self) == "Hello Ada, 2 mails.")
        #expect(String(decoding: try set.render(Note(), in: german), as: UTF8.self) == "Hallo Ada.")
        #expect(set.languages.map(\.tag) == ["de", "en"])
        #expect(String(decoding: try set.render(Note()), as: UTF8.self).hasPrefix("Hello"))
        let other = try PageSet(try folder(), language: german, pages: [Note.self], mails: [], files: [])
        #expect(String(decoding: try other.render(Note()), as: UTF8.self).hasPrefix("Hallo"))
        #expect(other.language(tagged: "EN") == .english && other.language(tagged: "fr") == german)
    }

    @Test func namesFileAndKeyOfWhatIsWrong() throws {
        #expect(mistakes(try folder()) == [])
        #expect(
            mistakes(try folder(german: [:])) == [
                "messages/de/note.json: `greeting` is missing; messages/en/note.json has it: translate it from there"
            ])
        #expect(
            mistakes(try folder(german: ["greeting": "a", "farewell": "b"])) == [
                "messages/de/note.json: `farewell` is not among the messages in en; correct the key, or remove it"
            ])
        let both = ["greeting": "a", "farewell": "b"]
        #expect(
            mistakes(try folder(english: both, german: both)) == [
                "messages/en/note.json: `farewell` is shown by no template; remove it, or correct the key"
            ])
        #expect(
            mistakes(try folder("a\n {{>text/note.greeting}}{{>text/note.farewell}}")) == [
                "note.mustache:2:25: there is no message `farewell` in messages/en/note.json; add it, in every language"
            ])
        #expect(
            mistakes(try folder(german: ["greeting": "Hallo {{nmae}}."])) == [
                "messages/de/note.json: `greeting`: the model has no `nmae`; known here: iconURL, language, "
                    + "languageChoice, mails, name, popup, scriptURL, styleURL"
            ])
        #expect(
            mistakes(try folder(german: ["greeting": "{{#mails}}"])) == [
                "messages/de/note.json: `greeting`: `mails` is never closed; add {{/mails}}"
            ])
        let french = try #require(Language("fr"))
        #expect(
            mistakes(try folder(), language: french) == [
                "messages/fr: there are no messages in this language, which is to be the default; there are de, en"
            ])
    }

    @Test func messagesMayShowEachOther() throws {
        let english = ["greeting": "{{>text/note.name}}!", "name": "{{name}}"]
        #expect(mistakes(try folder(english: english, german: english)) == [])
    }

    @Test(arguments: [
        ("[1]", "not a JSON object"), ("{\"a\": 1}", "`a` is not a text"), ("{\"a b\": \"\"}", "`a b` is not a key"),
        ("{\"a.b\": \"\"}", "`a.b` is not a key"), ("{\"\": \"\"}", "`` is not a key"),
    ])
    func refusesAFileThatHoldsNoMessages(_ content: String, _ message: String) throws {
        let german = try #require(Language("de"))
        let error = #expect(throws: PageError.self) {
            try MessageFile(german, "note", file: "note.json", parsing: Array(content.utf8))
        }
        #expect(error?.description.contains(message) == true)
        #expect(
            try MessageFile(german, "note", file: "note.json", parsing: Array("{\"a\": \"b\"}".utf8)).texts == [
                "a": "b"
            ])
    }

    @Test func saysWhereAFileIsNoJSON() throws {
        let german = try #require(Language("de"))
        let error = #expect(throws: PageError.self) {
            try MessageFile(german, "note", file: "note.json", parsing: Array("{\n  \"ä\": \"b\" \"c\"}".utf8))
        }
        #expect(error?.problems.first?.position == PageError.Position(line: 2, column: 12))
        let twice = #expect(throws: PageError.self) {
            try MessageFile(german, "note", file: "note.json", parsing: Array("{\"a\": \"b\", \"a\": \"c\"}".utf8))
        }
        #expect(twice?.description.contains("duplicateName") == true)
    }

    @Test func everyLanguageOfOursIsWhole() throws {
        let set = try PageSet(directory: ShownPage.folder)
        #expect(set.languages.map(\.tag) == ["de", "en"])
        let folder = TemplateFolder(reading: ShownPage.folder)
        for file in folder.messages {
            for (key, text) in file.texts { #expect(!text.isEmpty, "\(file.file) \(key)") }
        }
    }

    @Test func aTranslationAloneIsANewLanguage() throws {
        var folder = TemplateFolder(reading: ShownPage.folder)
        let french = try #require(Language("fr"))
        for file in folder.messages where file.language == .english {
            let bytes = [UInt8](try JSONSerialization.data(withJSONObject: file.texts))
            folder.messages.append(try MessageFile(french, file.area, file: "fr/\(file.area).json", parsing: bytes))
        }
        let set = try PageSet(folder)
        let html = String(decoding: try set.render(SignedOutPage(), in: french), as: UTF8.self)
        #expect(html.contains("<html lang=\"fr\">"))
    }
}

@Suite("An overlay: single templates and messages of the operator's own")
struct OverlayTests {
    @Test func takesThePlaceOfSingleFilesAndMessages() throws {
        try withTemporaryFolder { folder in
            try write(
                "{{>text/language.name}}: {{styleURL}} {{>text/layout.product}}\n", to: folder, "signed-out.mustache")
            try write("{\"product\": \"Acme Anmeldung\"}", to: folder, "messages/de/layout.json")
            try write("body{}", to: folder, "static/style.css")
            let plain = try PageSet(directory: ShownPage.folder)
            let set = try PageSet(directory: ShownPage.folder, overlay: folder.path)
            let german = try #require(Language("de"))
            let page = String(decoding: try set.render(SignedOutPage(), in: german), as: UTF8.self)
            #expect(
                page == "Deutsch: /static/style.css?v=\(try #require(set.assets["style.css"]).hash) Acme Anmeldung\n")
            let english = String(decoding: try set.render(SignedOutPage(), in: .english), as: UTF8.self)
            #expect(english.hasPrefix("English: ") && english.hasSuffix(" Martlet\n"))
            #expect(
                set.assets["style.css"] != plain.assets["style.css"]
                    && set.assets["script.js"] == plain.assets["script.js"])
            let other = String(decoding: try set.render(SignOutPage.example, in: .english), as: UTF8.self)
            #expect(try Array(other.utf8).count == plain.render(SignOutPage.example, in: .english).count)
        }
    }

    @Test func blamesItsOwnFiles() throws {
        try withTemporaryFolder { folder in
            try write("{{nothing}}", to: folder, "signed-out.mustache")
            try write("", to: folder, "stray.mustache")
            try write("{\"prodct\": \"Acme\"}", to: folder, "messages/de/layout.json")
            try write("{", to: folder, "messages/en/layout.json")
            try write("{}", to: folder, "messages/layout.json")
            let error = #expect(throws: PageError.self) {
                try PageSet(directory: ShownPage.folder, overlay: folder.path)
            }
            let root = folder.path
            #expect(
                error?.problems.map(\.file) == [
                    root + "/messages/de/layout.json", root + "/messages/en/layout.json",
                    root + "/messages/layout.json",
                    root + "/signed-out.mustache", root + "/stray.mustache",
                ])
        }
    }

    private func write(_ text: String, to folder: URL, _ path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "overlay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }
}
