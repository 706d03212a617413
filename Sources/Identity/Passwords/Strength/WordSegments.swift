import Glibc

extension StrengthEstimate {
    /// The words in a text, of the list and of the person.
    static func words(in text: FoldedText, _ list: WordList, own: [FoldedText], steps: inout Int) -> [Segment] {
        var segments: [Segment] = []
        let straight = WordSearch(text.scalars, in: list)
        let backwards = WordSearch(text.scalars.reversed(), in: list)
        steps += straight.steps + backwards.steps
        for found in straight.found { segments.append(segment(found, found.range, text, reversed: false)) }
        for found in backwards.found where found.substituted == 0 {
            let range = (text.count - found.range.upperBound)..<(text.count - found.range.lowerBound)
            // `level` is no other word backwards.
            if !text.scalars[range].elementsEqual(text.scalars[range].reversed()) {
                segments.append(segment(found, range, text, reversed: true))
            }
        }
        for (index, word) in own.enumerated() {
            for start in text.scalars.indices {
                steps += 1
                guard let substituted = disguise(of: word, in: text, at: start) else { continue }
                let range = start..<(start + word.count)
                segments.append(
                    segment(.ownWord, rank: index + 1, range, text, substituted: substituted, reversed: false))
            }
        }
        return segments
    }

    /// How many characters of a word stand there in disguise; nil where it does not stand there.
    private static func disguise(of word: FoldedText, in text: FoldedText, at start: Int) -> Int? {
        guard start + word.count <= text.count else { return nil }
        var substituted = 0
        for index in word.scalars.indices {
            let (wanted, there) = (word.scalars[index], text.scalars[start + index])
            if wanted == there { continue }
            guard let character = UInt8(exactly: there), let letter = UInt8(exactly: wanted),
                WordSearch.letters(for: character).contains(letter)
            else { return nil }
            substituted += 1
        }
        return substituted
    }

    private static func segment(
        _ found: WordSearch.Found, _ range: Range<Int>, _ text: FoldedText, reversed: Bool
    ) -> Segment {
        segment(
            .word(found.kind, rank: found.rank), rank: found.rank, range, text, substituted: found.substituted,
            reversed: reversed)
    }

    private static func segment(
        _ kind: Segment.Kind, rank: Int, _ range: Range<Int>, _ text: FoldedText, substituted: Int, reversed: Bool
    ) -> Segment {
        let capitals = Variations.capitals(text.capitals[range])
        var guesses = log10(Double(rank)) + capitals
        var disguise: Segment.Disguise = []
        if capitals > 0 { disguise.insert(.capitals) }
        if substituted > 0 {
            disguise.insert(.substitutions)
            guesses += Double(min(substituted, 8)) * log10(2)
        }
        if reversed {
            disguise.insert(.reversal)
            guesses += log10(2)
        }
        return Segment(range: range, kind: kind, guesses: guesses, disguise: disguise)
    }
}
