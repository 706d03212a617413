/// The texts of `--help`, 80 columns wide.
enum HelpText {
    private static let width = 80

    static var overview: String {
        let commands = CommandTable.all.map { ($0.usage.name, $0.usage.summary) }
        return """
            Martlet \(Version.text): an OAuth 2.0 and OpenID Connect provider.

            Usage: martlet <command> [options]

            Commands:
            \(table(commands))

            `martlet serve` without any setting starts a provider for development on
            http://localhost:8080. `martlet <command> --help` tells more about a command,
            `martlet serve --help` about the settings.

            """
    }

    static func of(group: String) -> String {
        let commands = CommandTable.members(of: group).map { ($0.usage.name, $0.usage.summary) }
        return """
            Usage: martlet \(group) <command> [options]

            Commands:
            \(table(commands))

            `martlet \(group) <command> --help` tells more.

            """
    }

    static func of(_ usage: CommandUsage) -> String {
        var line = "Usage: martlet " + usage.name
        if let operand = usage.operand { line += " " + operand.name }
        line += " [options]"
        var parts = [wrapped(usage.summary, indent: 0), line]
        if let operand = usage.operand { parts.append(table([(operand.name, operand.summary)])) }
        parts.append("Options:\n" + table(usage.allOptions.map { ($0.spelling, summary($0)) }))
        if !usage.discussion.isEmpty { parts.append(paragraphs(usage.discussion)) }
        if !usage.examples.isEmpty {
            let examples = usage.examples.map { "  # \($0.purpose)\n  \($0.command)" }
            parts.append("Examples:\n" + examples.joined(separator: "\n\n"))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// Paragraphs filled to the width; an indented one stays as it is.
    private static func paragraphs(_ text: String) -> String {
        var paragraphs: [[Substring]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { paragraphs.append([]) } else { paragraphs[paragraphs.count - 1].append(line) }
        }
        return paragraphs.map { lines in
            lines.first?.hasPrefix(" ") == true
                ? lines.joined(separator: "\n") : wrapped(lines.joined(separator: " "), indent: 0)
        }.joined(separator: "\n\n")
    }

    private static func summary(_ option: Option) -> String {
        if case .repeatable = option.kind { return option.summary + " May be given several times." }
        return option.summary
    }

    /// Names on the left, what they mean on the right, wrapped.
    static func table(_ rows: [(name: String, meaning: String)]) -> String {
        let column = min(28, (rows.map(\.name.count).max() ?? 0)) + 4
        return rows.map { name, meaning in
            let head = "  " + name
            let body = wrapped(meaning, indent: column)
            // A long name gets a line of its own.
            guard head.count + 2 <= column else { return head + "\n" + body }
            return head + body.dropFirst(head.count)
        }.joined(separator: "\n")
    }

    /// The text in lines that fit, each behind so many spaces.
    static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
