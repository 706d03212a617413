/// A command line that cannot be understood.
struct UsageError: Error, Equatable {
    /// One sentence without a full stop.
    let sentence: String
    /// The words of the command as far as they were understood, for the pointer to its help.
    var command: [String] = []

    init(_ sentence: String, in command: [String] = []) {
        self.sentence = sentence
        self.command = command
    }

    /// The sentence with what was probably meant.
    static func unknown(_ kind: String, _ word: String, known: [String], in command: [String]) -> UsageError {
        let hint = Spelling.nearest(to: word, among: known).map { "; did you mean \($0)?" } ?? ""
        return UsageError("there is no \(kind) \(Console.visible(word))\(hint)", in: command)
    }
}
