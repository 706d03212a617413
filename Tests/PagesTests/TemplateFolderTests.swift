import Foundation
import Testing

@testable import Pages

@Suite("Pages: reading the templates folder")
struct TemplateFolderTests {
    @Test func readsEveryPageFromDisk() throws {
        let set = try PageSet(directory: ShownPage.folder)
        #expect(Set(set.assets.keys).isSuperset(of: ["style.css", "script.js", "favicon.svg"]))
    }

    @Test func namesAFolderThatIsNotThere() {
        let missing = ShownPage.folder + "-that-is-not-there"
        let error = #expect(throws: PageError.self) { try PageSet(directory: missing) }
        #expect(error?.problems.map(\.file) == [missing])
        #expect(error?.description.contains("No such file or directory") == true)
    }

    @Test func namesAFolderWithoutTemplates() throws {
        try withTemporaryFolder { folder in
            let error = #expect(throws: PageError.self) { try PageSet(directory: folder.path) }
            #expect(error?.problems.count == 1)
            #expect(error?.description.contains("no *.mustache file") == true)
        }
    }

    @Test func takesTemplatesPartialsAndAssetsAndLeavesTheRest() throws {
        try withTemporaryFolder { folder in
            try write("a", to: folder, "page.mustache")
            try write("b", to: folder, "partials/deep/part.mustache")
            try write("c", to: folder, "static/style.css")
            try write("d", to: folder, ".hidden.mustache")
            try write("e", to: folder, "page.mustache~")
            let read = TemplateFolder(reading: folder.path)
            #expect(read.problems == [])
            #expect(read.sources == ["page": "a", "partials/deep/part": "b"])
            #expect(read.assets.map(\.name) == ["style.css"])
            #expect(read.assets.first?.bytes == Array("c".utf8))
        }
    }

    @Test func reportsEveryFileItCannotTake() throws {
        try withTemporaryFolder { folder in
            try write("a", to: folder, "page.mustache")
            try write("b", to: folder, "static/notes.xyz")
            try write("c", to: folder, "static/a b.css")
            try write(String(repeating: "d", count: TemplateFolder.fileLimit + 1), to: folder, "large.mustache")
            try write(String(repeating: "d", count: TemplateFolder.fileLimit), to: folder, "limit.mustache")
            try Data([0xFF]).write(to: folder.appending(path: "latin.mustache"))
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "gone.mustache").path, withDestinationPath: "nowhere"
            )
            let read = TemplateFolder(reading: folder.path)
            #expect(
                read.problems.map(\.file).sorted() == [
                    "gone.mustache", "large.mustache", "latin.mustache", "static/a b.css", "static/notes.xyz",
                ]
            )
            #expect(read.sources.keys.sorted() == ["limit", "page"])
        }
    }

    @Test func endsWhereALinkLeadsBackUp() throws {
        try withTemporaryFolder { folder in
            try write("a", to: folder, "page.mustache")
            #expect(TemplateFolder(reading: folder.path).problems == [])
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending(path: "again").path, withDestinationPath: folder.path
            )
            let read = TemplateFolder(reading: folder.path)
            #expect(read.problems.count == 1)
            #expect(read.problems.first?.message.contains("inside of each other") == true)
        }
    }

    private func write(_ text: String, to folder: URL, _ path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pages-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }
}
