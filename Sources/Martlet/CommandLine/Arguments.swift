/// The words behind a command, sorted into options and an operand.
struct Arguments: Sendable {
    let usage: CommandUsage
    private var given: [Option: [String]] = [:]
    private(set) var operand: String?

    init(_ words: [String], for usage: CommandUsage) throws(UsageError) {
        self.usage = usage
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                for word in rest { try take(operand: word) }
                return
            }
            guard word.hasPrefix("-"), word != "-", !isOperand(word) else {
                try take(operand: word)
                continue
            }
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0])
            guard let option = usage.allOptions.first(where: { $0.name == name }) else {
                throw .unknown("option", name, known: usage.allOptions.map(\.name), in: usage.words)
            }
            try take(option, halves.count == 2 ? String(halves[1]) : nil, &rest)
        }
    }

    /// Identifiers that are made here are base64url: one in 64 begins with a dash, as no option but `-h` does.
    private func isOperand(_ word: String) -> Bool {
        usage.operand != nil && operand == nil && !word.hasPrefix("--")
            && !usage.allOptions.contains { $0.name == word }
    }

    private mutating func take(operand word: String) throws(UsageError) {
        guard usage.operand != nil else {
            throw UsageError("\(usage.name) takes no word \(Console.visible(word))", in: usage.words)
        }
        guard operand == nil else {
            throw UsageError("\(usage.name) takes one word, and \(Console.visible(word)) is another", in: usage.words)
        }
        operand = word
    }

    private mutating func take(
        _ option: Option, _ attached: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        if option.kind == .flag {
            guard attached == nil else { throw UsageError("\(option.name) takes no value", in: usage.words) }
            given[option] = []
            return
        }
        let value: String
        if let attached {
            value = attached
        } else {
            // What looks like an option is one: a forgotten value must not swallow it.
            guard let next = rest.first, !next.hasPrefix("--") else {
                throw UsageError("\(option.spelling) lacks its value", in: usage.words)
            }
            value = next
            rest.removeFirst()
        }
        if case .once = option.kind, given[option] != nil {
            throw UsageError("\(option.name) is given twice", in: usage.words)
        }
        given[option, default: []].append(value)
    }

    func has(_ option: Option) -> Bool { given[option] != nil }
    func value(_ option: Option) -> String? { given[option]?.first }
    func values(_ option: Option) -> [String] { given[option] ?? [] }

    /// The values of an option that joins two things by the first `=`.
    func pairs(_ option: Option) throws(UsageError) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for value in values(option) {
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw UsageError("\(option.spelling) takes two things with = between them", in: usage.words)
            }
            pairs.append((String(parts[0]), String(parts[1])))
        }
        return pairs
    }

    func required(_ option: Option) throws(UsageError) -> String {
        guard let value = value(option) else { throw UsageError("\(option.spelling) is missing", in: usage.words) }
        return value
    }

    /// What may be given as the operand or by an option, but not by both.
    func operand(or option: Option) throws(UsageError) -> String {
        switch (operand, value(option)) {
        case (let word?, nil), (nil, let word?): return word
        case (nil, nil):
            throw UsageError("\(usage.operand?.name ?? "") is missing", in: usage.words)
        case (_?, _?):
            throw UsageError("\(usage.operand?.name ?? "") is given twice", in: usage.words)
        }
    }

    /// Values that stand for words of the protocol.
    func choices<Value: RawRepresentable<String> & CaseIterable>(_ option: Option) throws(UsageError) -> [Value] {
        var chosen: [Value] = []
        for text in values(option) {
            guard let value = Value(rawValue: text) else {
                throw .unknown("\(option.name)", text, known: Value.allCases.map(\.rawValue), in: usage.words)
            }
            chosen.append(value)
        }
        return chosen
    }
}
