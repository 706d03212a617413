import Foundation
import Mustache
import Testing

/// The vectors of the Mustache specification, kept beside the repository.
@Suite("Mustache specification vectors")
struct SpecificationVectorTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/vectors/mustache")

    static let isPresent = FileManager.default.fileExists(atPath: folder.path)

    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let template: String
        let partials: [String: String]
        let data: MustacheValue
        let expected: String
    }

    @Test(
        .enabled(if: isPresent, "skipped: the folder shared/vectors/mustache is not beside the repository"),
        arguments: [
            ("comments", 12), ("delimiters", 14), ("interpolation", 42), ("inverted", 22), ("partials", 12),
            ("sections", 34),
            ("inheritance", 27),
        ])
    func rendersAsTheSpecificationSays(_ file: String, atLeast count: Int) throws {
        let vectors = try Self.vectors(in: file)
        #expect(vectors.count >= count)
        for vector in vectors {
            var templates = try TemplateSet(parsing: vector.partials)
            templates.insert(try Template(parsing: vector.template, named: "the template of the vector"))
            let text = try templates.renderText("the template of the vector", vector.data)
            #expect(text == vector.expected, "\(file): \(vector.testDescription)")
        }
    }

    private static func vectors(in file: String) throws -> [Vector] {
        let data = try Data(contentsOf: folder.appending(path: "\(file).json"))
        let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let tests = try #require(root["tests"] as? [[String: Any]])
        return try tests.map { test in
            Vector(
                testDescription: "\(test["name"] ?? "")",
                template: try #require(test["template"] as? String),
                partials: test["partials"] as? [String: String] ?? [:],
                data: value(try #require(test["data"])),
                expected: try #require(test["expected"] as? String)
            )
        }
    }

    private static func value(_ json: Any) -> MustacheValue {
        switch json {
        case let text as String: .string(text)
        case let elements as [Any]: .list(elements.map(value))
        case let members as [String: Any]: .object(members.mapValues(value))
        case let number as NSNumber:
            if isBoolean(number) {
                .bool(number.boolValue)
            } else if number.doubleValue == number.doubleValue.rounded() {
                .integer(number.intValue)
            } else {
                .decimal(number.doubleValue)
            }
        default: .null
        }
    }

    private static func isBoolean(_ number: NSNumber) -> Bool {
        String(cString: number.objCType) == "c"
    }
}
