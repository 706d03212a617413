import Testing

@testable import Identity

@Suite("Strength of passwords")
struct StrengthTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let password: String
        let scores: ClosedRange<Int>
        let warning: PasswordVerdict.Warning?
        var testDescription: String { password }

        init(_ password: String, _ scores: ClosedRange<Int>, _ warning: PasswordVerdict.Warning?) {
            (self.password, self.scores, self.warning) = (password, scores, warning)
        }
    }

    /// Words alone, without anything of the person.
    private func estimate(_ text: String) -> StrengthEstimate {
        StrengthEstimate(text.unicodeScalars, words: PasswordFiles.words, own: [])
    }

    @Test(arguments: [
        Example("password", 0...0, .commonPassword),
        Example("Password1", 0...1, .nearCommonPassword),
        Example("p@ssw0rd", 0...1, .nearCommonPassword),
        Example("drowssap", 0...0, .nearCommonPassword),
        Example("qwertzuiop", 0...1, .keyboard),
        Example("zxcvfdsa4321", 0...2, .keyboard),
        Example("aaaaaaaaaaaaaaaaaaaa", 0...0, .repeats),
        Example("passwordpasswordpassword", 0...1, .repeats),
        Example("abcdefghijklmnop", 0...0, .sequence),
        Example("987654321", 0...0, nil),
        Example("13.05.1991", 0...1, .date),
        Example("19910513", 0...1, .date),
        Example("1991", 0...0, .date),
        Example("elizabeth", 0...0, .name),
        Example("ada", 0...0, .name),
        Example("correcthorsebatterystaple", 4...4, nil),
        Example("vT7#qpXz9!Lm", 4...4, nil),
        Example("мой дядя самых честных", 4...4, nil),
        Example("", 0...0, nil),
    ])
    func knownPasswordsHaveTheirPlace(_ example: Example) {
        let verdict = PasswordFiles.judge.judge(example.password)
        #expect(example.scores.contains(verdict.score), "\(verdict.guesses)")
        if let warning = example.warning { #expect(verdict.warning == warning) }
        if verdict.score >= 3 { #expect(verdict.warning == nil && verdict.suggestions.isEmpty) }
    }

    /// 10 guesses a character of chance, the rank of a word: by hand.
    @Test func guessesAreThoseOfTheCheapestPieces() {
        let digits = estimate("x7")
        #expect(abs(digits.guesses - 2) < 0.01 && digits.pieces.map(\.kind) == [.chance])
        let rank = estimate("letmein").pieces.compactMap { piece in
            if case .word(.password, let rank) = piece.kind { rank } else { nil }
        }
        #expect(rank.count == 1 && rank[0] < 30)
        // Twice the guesses for one capital letter in front, and no more for all of them.
        let difference = estimate("Elizabeth").guesses - estimate("elizabeth").guesses
        #expect(difference > 0.2 && difference < 0.31)
        #expect(estimate("LETMEIN").guesses == estimate("Letmein").guesses)
    }

    @Test func theOwnNameAddressAndSiteCountAsWords() {
        let owner = PasswordOwner(name: "Mara Lindqvist-Öberg", email: "mopsi77@kvadrat.example")
        for text in ["lindqvistoberg", "L1ndqv1st", "mopsi77kvadrat", "Sundial2026", "martletmartlet", "ÖBERG1987"] {
            let (own, other) = (PasswordFiles.judge.judge(text, of: owner), PasswordFiles.judge.judge("zkh" + text))
            #expect(own.score <= 1, "\(text): \(own.guesses)")
            #expect(own.guesses < other.guesses)
        }
        let stranger = PasswordFiles.judge.judge("lindqvistkvadrat")
        let known = PasswordFiles.judge.judge("lindqvistkvadrat", of: owner)
        #expect(known.guesses + 2 < stranger.guesses)
        #expect(known.warning == .ownWord && known.suggestions.contains(.nothingPersonal))
    }

    @Test func disguisesAreNamed() {
        #expect(PasswordFiles.judge.judge("P@ssw0rd").suggestions.contains(.substitutions))
        #expect(PasswordFiles.judge.judge("Elizabeth").suggestions.contains(.capitals))
        #expect(PasswordFiles.judge.judge("htebazile").suggestions.contains(.reversal))
        #expect(!PasswordFiles.judge.judge("elizabeth").suggestions.contains(.capitals))
    }

    /// What a list or a person knows makes a password cheaper and never dearer; pieces always make up the whole.
    @Test func wordsNeverMakeAPasswordDearer() throws {
        let (few, own) = (try WordList(ranked: ["zzzzzzzzzzzz"]), OwnWords.of(["Mara Lindqvist"]))
        var random = SeededGenerator(state: 7)
        for _ in 0..<120 {
            let text = SeededGenerator.text(&random)
            let scalars = text.unicodeScalars
            let without = StrengthEstimate(scalars, words: few, own: [])
            let with = StrengthEstimate(scalars, words: PasswordFiles.words, own: [])
            let personal = StrengthEstimate(scalars, words: PasswordFiles.words, own: own)
            #expect(with.guesses <= without.guesses + 1e-9, "\(text)")
            #expect(personal.guesses <= with.guesses + 1e-9, "\(text)")
            #expect(with.guesses.isFinite && with.guesses <= Double(max(1, scalars.count)) + 0.1, "\(text)")
            var end = 0
            for piece in with.pieces {
                #expect(piece.range.lowerBound == end, "\(text)")
                end = piece.range.upperBound
            }
            #expect(end == min(scalars.count, StrengthEstimate.limit), "\(text)")
        }
    }

    /// No text costs more than so many steps; a clock would measure the machine.
    @Test func workIsBoundedForAnyInput() {
        var random = SeededGenerator(state: 11)
        let hostile =
            [
                "1", "!1|", "4@", "ab", "password", "p4ssw0rd", "1i!l|", "\u{301}", "é", "\u{0}", "qwe", "0o", "s5$",
                "thethethe1", "20012001", "1/1/1991",
            ].map { String(repeating: $0, count: 1024 / $0.utf8.count) }
            + (0..<12).map { _ in String((0..<200).map { _ in "1!|4@80$5372ae".randomElement(using: &random) ?? "1" }) }
        for text in hostile {
            let estimate = estimate(text)
            #expect(estimate.steps < 700_000, "\(text.prefix(24)): \(estimate.steps)")
            #expect(estimate.guesses <= Double(StrengthEstimate.limit) + 0.1)
        }
        // The usual ones take far fewer.
        #expect(estimate("correct horse battery").steps < 60_000)
    }
}

/// The same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Pieces as passwords have them, up to fifty characters.
    static func text(_ random: inout SeededGenerator) -> String {
        let pieces = [
            "password", "Mara", "lindqvist", "1991", "qwer", "abc", "!!", "zzzz", "07.11.1985", "é", "x", "K", "4", "$",
            "dragon", "noitats", " ", "🐦",
        ]
        return (0..<Int.random(in: 0...7, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }
}
