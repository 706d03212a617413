import Foundation

/// The refusals that a folder of sources can make, as they are written there: each is one call of `OAuthError.init`.
struct RefusalSource {
    /// What stands at one place.
    struct Site {
        let place: String
        let text: String

        /// The sentence for the client; nil where it is handed on, and so stands at another place.
        var sentence: String? { text.first(where: { !$0.isWhitespace }) == "." ? literal(after: "") : nil }
        /// The section; nil where it is handed on.
        var rule: String? { text.contains("rule: \"") ? literal(after: "rule: ") : nil }
        var code: String { String(text.drop { $0 != "." }.dropFirst().prefix { $0.isLetter }) }
        /// Where the operator's advice comes from.
        var help: String {
            text.contains("nearest: .") ? "nearest" : text.contains("advice:") ? "advice" : "nothing"
        }

        private func literal(after label: String) -> String? {
            guard let start = text.range(of: label + "\"") else { return nil }
            return text[start.upperBound...].firstIndex(of: "\"").map { String(text[start.upperBound..<$0]) }
        }
    }

    let sites: [Site]

    init(_ folders: [String]) throws {
        let root = String(#filePath.dropLast("/Tests/AuthorizationServerTests/Refusals/RefusalSource.swift".utf8.count))
        var sites: [Site] = []
        for folder in folders {
            let place = root + "/Sources/" + folder
            let paths = FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
            for path in paths.sorted() where path.hasSuffix(".swift") {
                let source = try String(contentsOfFile: place + "/" + path, encoding: .utf8)
                sites += RefusalSource.calls(in: source).map { Site(place: folder + "/" + path, text: $0) }
            }
        }
        self.sites = sites
    }

    /// What stands in the brackets of each call, texts and all.
    private static func calls(in source: String) -> [String] {
        source.components(separatedBy: "OAuthError(").dropFirst().compactMap { rest in
            var depth = 1
            var isText = false
            var isEscaped = false
            for index in rest.indices {
                let character = rest[index]
                if isText {
                    if character == "\"", !isEscaped { isText = false }
                    isEscaped = character == "\\" && !isEscaped
                } else {
                    if character == "\"" { isText = true }
                    if character == "(" { depth += 1 }
                    if character == ")" { depth -= 1 }
                }
                if depth == 0 { return String(rest[..<index]) }
            }
            return nil
        }
    }
}
