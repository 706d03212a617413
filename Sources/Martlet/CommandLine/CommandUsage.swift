/// What a command is called, takes and does: the source of its parser and its help.
struct CommandUsage: Sendable {
    /// The one word that may follow without an option, such as an address.
    struct Operand: Sendable {
        /// The word that stands for it in the help.
        let name: String
        let summary: String
    }

    struct Example: Sendable {
        let purpose: String
        let command: String
    }

    /// The words that call it.
    let words: [String]
    /// One sentence.
    let summary: String
    /// Paragraphs below the options, if there is more to know.
    var discussion = ""
    var operand: Operand?
    var options: [Option] = []
    var examples: [Example] = []

    /// Options of the command and those that every command has.
    var allOptions: [Option] { options + [.help, .version] }

    var name: String { words.joined(separator: " ") }
}
