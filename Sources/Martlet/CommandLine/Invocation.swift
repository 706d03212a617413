/// What a command line asks for.
enum Invocation {
    case command(any Command)
    case help(String)
    case version

    /// Reads the words behind the program's name.
    init(_ words: [String]) throws(UsageError) {
        guard let first = words.first else { throw UsageError("a command is missing") }
        let options = words.prefix { $0 != "--" }
        if ["--version", "version"].contains(first) {
            self = .version
        } else if ["--help", "-h", "help"].contains(first) {
            self = .help(try Invocation.help(Array(words.dropFirst().filter { !$0.hasPrefix("-") })))
        } else {
            let named = try CommandTable.find(words)
            switch named {
            case .command(let command, let rest):
                if options.contains("--help") || options.contains("-h") {
                    self = .help(HelpText.of(command.usage))
                } else if options.contains("--version") {
                    self = .version
                } else {
                    self = .command(try command.init(try Arguments(rest, for: command.usage)))
                }
            case .group(let group):
                if options.contains("--version") {
                    self = .version
                } else if options.contains("--help") || options.contains("-h") {
                    self = .help(HelpText.of(group: group))
                } else {
                    let verbs = CommandTable.members(of: group).map { $0.usage.words[1] }
                    throw UsageError("\(group) needs one of: \(verbs.joined(separator: ", "))", in: [group])
                }
            }
        }
    }

    private static func help(_ words: [String]) throws(UsageError) -> String {
        guard !words.isEmpty else { return HelpText.overview }
        return switch try CommandTable.find(words) {
        case .command(let command, _): HelpText.of(command.usage)
        case .group(let group): HelpText.of(group: group)
        }
    }
}
