@testable import Mustache

extension FuzzTarget {
    /// Templates of an operator: a page, a partial and a layout, with a 0x1F byte between them.
    static let templates = FuzzTarget(name: "templates", longestInput: 256) { bytes throws(Violation) in
        let sources = bytes.split(separator: 0x1F, maxSplits: 2, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var templates = TemplateSet([], escaping: .html)
        for (name, source) in zip(["main", "p", "layout"], sources) {
            do throws(MustacheError) {
                templates.insert(try Template(parsing: source, named: name))
            } catch {
                try require(error.template == name && error.line > 0 && error.column > 0, "an error from nowhere")
            }
        }
        guard templates["main"] != nil else { return }
        _ = templates.check("main", against: MustacheSchema(of: model))
        guard let page = try? templates.render("main", model) else { return }
        try require(String(validating: page, as: UTF8.self) != nil, "a page that is not UTF-8")
        // No source without a raw tag can bring the value through unescaped; a changed delimiter can spell one.
        let all = Array(sources.joined().utf8)
        let mayBeRaw = all.contains { "&=<".utf8.contains($0) } || contains(all, Array("{{{".utf8))
        try require(mayBeRaw || !page.contains(UInt8(ascii: "<")), "a value that was not escaped")
    }

    /// Lists of one element: with two, nested sections double the page at each level, and only the clock would see it.
    private static let model: MustacheValue = [
        "a": ["b": "<é'\">", "list": [1]], "list": [["a": "<"]], "b": true, "c": [], "d": 2.5, "e": nil,
    ]

    private static func contains(_ bytes: [UInt8], _ pattern: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: pattern) }
    }
}
