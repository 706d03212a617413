import Foundation
import Mustache
import Testing

@Suite("Mustache bounds")
struct BoundsTests {
    @Test(arguments: ["{{>main}}", "x{{#a}}{{>main}}{{/a}}", "{{<main}}{{$b}}{{/b}}{{/main}}", "{{>other}}"])
    func recursionEndsWithAnError(_ source: String) throws {
        let templates = try TemplateSet(parsing: ["main": source, "other": "{{$a}}{{>main}}{{/a}}"])
        let error = #expect(throws: MustacheError.self) { try templates.render("main", ["a": true]) }
        #expect(error?.problem == .nestedTooDeeply(limit: 128))
        #expect(error?.line == 1)
    }

    @Test func recursionOverDataMayGoDeep() throws {
        let templates = try TemplateSet(parsing: ["main": "{{v}}{{#next}}{{>main}}{{/next}}"])
        // Each step is a section and a template: 64 of them fill the limit.
        #expect(try templates.renderText("main", Self.chain(64)) == String(repeating: "x", count: 65))
        #expect(throws: MustacheError.self) { try templates.render("main", Self.chain(65)) }
    }

    @Test func theCheckReportsTemplatesThatNestTooDeeply() throws {
        let templates = try Self.nested(200)
        #expect(templates.check("t128", against: .any) == [])
        #expect(templates.check("t129", against: .any).map(\.problem) == [.nestedTooDeeply(limit: 128)])
    }

    @Test func theDeepestNestingFitsASmallStack() async throws {
        let recursive = try TemplateSet(parsing: [
            "main": "{{<p}}{{$b}}{{#a}}{{>main}}{{/a}}{{/b}}{{/p}}", "p": "{{$b}}{{/b}}",
        ])
        let nested = try Self.nested(200)
        let problems = await withCheckedContinuation { continuation in
            let thread = Thread {
                var problems = nested.check("t200", against: .any).map(\.problem)
                do throws(MustacheError) {
                    _ = try recursive.render("main", ["a": true])
                } catch {
                    problems.append(error.problem)
                }
                continuation.resume(returning: problems)
            }
            thread.stackSize = 1024 * 1024
            thread.start()
        }
        #expect(problems == [.nestedTooDeeply(limit: 128), .nestedTooDeeply(limit: 128)])
    }

    /// Templates that include each other in a row; `t0` is the innermost.
    private static func nested(_ count: Int) throws -> TemplateSet {
        var sources = ["t0": "x"]
        for level in 1...count { sources["t\(level)"] = "{{>t\(level - 1)}}" }
        return try TemplateSet(parsing: sources)
    }

    private static func chain(_ length: Int) -> MustacheValue {
        var value: MustacheValue = ["v": "x", "next": nil]
        for _ in 0..<length { value = ["v": "x", "next": value] }
        return value
    }
}
