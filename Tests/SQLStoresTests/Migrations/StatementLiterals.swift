import Foundation
import Testing

/// The SQL literals of the sources: what the laws should have made the stores ask.
enum StatementLiterals {
    /// The folder of the module's sources.
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/SQLStores")

    static func inTables() throws -> Set<String> {
        let folder = sources.appendingPathComponent("Tables")
        var found: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".swift") {
            found.formUnion(literals(in: try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)))
        }
        try #require(!found.isEmpty)
        return found
    }

    static func literals(in source: String) -> Set<String> {
        var found: Set<String> = []
        var block: [String]?
        for line in source.components(separatedBy: "\n") {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if let lines = block {
                guard trimmed.hasPrefix("\"\"\"") else {
                    block = lines + [line]
                    continue
                }
                let margin = line.prefix { $0 == " " }.count
                found.insert(lines.map { String($0.dropFirst(margin)) }.joined(separator: "\n"))
                block = nil
            } else if trimmed.hasSuffix("\"\"\"") {
                block = []
            } else {
                let parts = line.components(separatedBy: "\"")
                for index in stride(from: 1, to: parts.count - 1, by: 2) { found.insert(parts[index]) }
            }
        }
        return found.filter { text in
            ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].contains { text.hasPrefix($0) }
        }
    }
}
