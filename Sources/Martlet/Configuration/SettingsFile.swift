/// The grammar of a configuration file: one `NAME=value` a line.
///
/// Empty lines and lines that begin with `#` mean nothing; so does what follows white space and `#` after a bare value.
/// A value in `'…'` is taken as it stands; in `"…"` a backslash stands before `"` and `\`. White space around names and
/// values is cut off.
enum SettingsFile {
    struct Line: Equatable {
        let number: Int
        let name: String
        let value: String
    }

    /// The most bytes that are read.
    static let limit = 64 * 1024

    /// The settings of a file; what cannot be read goes to `problems`, under `path` and the number of the line.
    static func parse(
        _ bytes: [UInt8], path: String, problems: inout [ConfigurationProblem]
    ) -> [Line] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.append(ConfigurationProblem(path, "is not text in UTF-8", "Save it as plain text."))
            return []
        }
        var lines: [Line] = []
        var firstPlace: [String: Int] = [:]
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let number = index + 1
            let place = "\(path), line \(number),"
            let content = trimmed(raw)
            guard let first = content.first, first != "#" else { continue }
            guard let equals = content.firstIndex(of: "=") else {
                problems.append(
                    ConfigurationProblem(place, "is no NAME=value", "Write NAME=value, or # before a comment."))
                continue
            }
            let name = String(trimmed(content[..<equals]))
            if let earlier = firstPlace[name] {
                problems.append(
                    ConfigurationProblem(place, "sets \(name) again", "Remove this line or line \(earlier).")
                )
                continue
            }
            firstPlace[name] = number
            guard let value = value(trimmed(content[content.index(after: equals)...])) else {
                problems.append(
                    ConfigurationProblem(
                        place,
                        "has a value whose quotes are not well formed",
                        "Close the quote, write \\\" and \\\\ within double quotes, and nothing after the second one."
                    )
                )
                continue
            }
            lines.append(Line(number: number, name: name, value: value))
        }
        return lines
    }

    /// Nil where quotes are not closed, something follows them, or a backslash stands before anything else.
    private static func value(_ text: Substring) -> String? {
        switch text.first {
        case "'":
            let inner = text.dropFirst()
            guard let end = inner.firstIndex(of: "'"), isOver(inner[inner.index(after: end)...]) else { return nil }
            return String(inner[..<end])
        case "\"":
            return unescaped(text.dropFirst())
        default:
            return bare(text)
        }
    }

    private static func unescaped(_ text: Substring) -> String? {
        var value = ""
        var rest = text
        while let character = rest.popFirst() {
            switch character {
            case "\"":
                return isOver(rest) ? value : nil
            case "\\":
                guard let escaped = rest.popFirst(), escaped == "\"" || escaped == "\\" else { return nil }
                value.append(escaped)
            default:
                value.append(character)
            }
        }
        return nil
    }

    private static func bare(_ text: Substring) -> String {
        var isAfterSpace = true
        for index in text.indices {
            if text[index] == "#" && isAfterSpace { return String(trimmed(text[..<index])) }
            isAfterSpace = text[index].isWhitespace
        }
        return String(text)
    }

    /// Whether nothing but a comment is left.
    private static func isOver(_ text: Substring) -> Bool {
        let rest = trimmed(text)
        return rest.isEmpty || rest.first == "#" && text.first?.isWhitespace == true
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start.prefix(0) }
        return start[...last]
    }
}
