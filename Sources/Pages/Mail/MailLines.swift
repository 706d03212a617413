/// The lines of a plain text: a paragraph of a template or a message is one line, however long it is.
enum MailLines {
    /// Characters in a line (RFC 5322 §2.1.1 recommends 78 at most); a longer word, such as a link, keeps its line whole.
    static let width = 76

    /// Breaks lines that are too long, between words.
    static func wrap(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.count > width else { return String(line) }
            var lines: [[Substring]] = [[]]
            var length = 0
            for word in line.split(separator: " ") {
                if length + word.count > width, length > 0 {
                    lines.append([])
                    length = 0
                }
                lines[lines.count - 1].append(word)
                length += word.count + 1
            }
            return lines.map { $0.joined(separator: " ") }.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
