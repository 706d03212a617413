import Foundation
import Testing

@Suite("The README tells the truth")
struct ReadmeTests {
    static let root = URL(
        fileURLWithPath: String(#filePath.dropLast("/Tests/MartletTests/ReadmeTests.swift".utf8.count)))

    @Test("Its table of specifications and the folders are the same")
    func tableAndFolders() throws {
        let readme = try String(contentsOf: ReadmeTests.root.appending(path: "README.md"), encoding: .utf8)
        let rows = readme.split(separator: "\n").map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
        let named = rows.filter { $0.count == 3 && $0[1].hasPrefix("Sources/") && !$0[2].isEmpty }.map { $0[1] }

        let sources = ReadmeTests.root.appending(path: "Sources")
        let entries = FileManager.default.enumerator(atPath: sources.path)
        let folders = (entries?.compactMap { $0 as? String } ?? [])
            .filter { path in
                let name = path.split(separator: "/").last ?? ""
                return !name.contains(".swift") && (name.hasPrefix("RFC") || name.hasPrefix("OIDC"))
            }
            .map { "Sources/" + $0 }
        #expect(!folders.isEmpty)
        #expect(Set(named) == Set(folders))
    }

    @Test("The two commands that it opens with are there")
    func twoCommands() throws {
        for script in ["deploy/run.sh", "deploy/test.sh"] {
            #expect(FileManager.default.fileExists(atPath: ReadmeTests.root.appending(path: script).path))
        }
    }
}
