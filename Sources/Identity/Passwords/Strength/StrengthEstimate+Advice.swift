extension StrengthEstimate {
    /// What makes the password easy, and what would help; nothing where it is good.
    var advice: (warning: PasswordVerdict.Warning?, suggestions: [PasswordVerdict.Suggestion]) {
        guard score < 3 else { return (nil, []) }
        // The longest piece that is no chance says most.
        let patterns = pieces.filter { $0.kind != .chance }
        guard let main = patterns.max(by: { $0.range.count < $1.range.count }) else { return (nil, [.addWords]) }
        var suggestions: [PasswordVerdict.Suggestion] = [.addWords]
        if main.disguise.contains(.capitals) { suggestions.append(.capitals) }
        if main.disguise.contains(.substitutions) { suggestions.append(.substitutions) }
        if main.disguise.contains(.reversal) { suggestions.append(.reversal) }
        switch main.kind {
        case .chance: return (nil, suggestions)
        case .ownWord: return (.ownWord, [.nothingPersonal] + suggestions)
        case .repeats: return (.repeats, suggestions)
        case .sequence: return (.sequence, suggestions)
        case .keyboard: return (.keyboard, suggestions)
        case .date: return (.date, [.nothingPersonal] + suggestions)
        case .word(let kind, let rank): return (warning(kind, rank, main), suggestions)
        }
    }

    private func warning(_ kind: WordList.Kind, _ rank: Int, _ main: Segment) -> PasswordVerdict.Warning {
        switch kind {
        case .name: .name
        case .word: .word
        case .password:
            pieces.count == 1 && main.disguise.isEmpty && rank <= 10_000 ? .commonPassword : .nearCommonPassword
        }
    }
}
