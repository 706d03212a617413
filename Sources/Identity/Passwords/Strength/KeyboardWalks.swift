import Glibc

/// Keys that lie beside each other, on the three layouts that are most in use.
struct Keyboard: Sendable {
    private struct Place: Sendable {
        let row: Int
        let column: Int
        let isShifted: Bool
    }

    private let places: [UInt32: Place]

    /// The rows from the top, each a key to the right of the one above: without and with the shift key.
    private init(_ rows: [(plain: String, shifted: String)]) {
        var places: [UInt32: Place] = [:]
        for (row, keys) in rows.enumerated() {
            for (characters, isShifted) in [(keys.plain, false), (keys.shifted, true)] {
                for (column, scalar) in characters.unicodeScalars.enumerated() where scalar != " " {
                    places[scalar.value] = Place(row: row, column: column, isShifted: isShifted)
                }
            }
        }
        self.places = places
    }

    static let all = [
        Keyboard([
            ("`1234567890-=", "~!@#$%^&*()_+"), (" qwertyuiop[]\\", " QWERTYUIOP{}|"),
            (" asdfghjkl;'", " ASDFGHJKL:\""),
            (" zxcvbnm,./", " ZXCVBNM<>?"),
        ]),
        Keyboard([
            ("^1234567890ß", "°!\"§$%&/()=?"), (" qwertzuiopü+", " QWERTZUIOPÜ*"), (" asdfghjklöä#", " ASDFGHJKLÖÄ'"),
            (" yxcvbnm,.-", " YXCVBNM;:_"),
        ]),
        Keyboard([
            ("²&é\"'(-è_çà)=", " 1234567890°+"), (" azertyuiop^$", " AZERTYUIOP¨£"), (" qsdfghjklmù*", " QSDFGHJKLM%µ"),
            (" wxcvbn,;:!", " WXCVBN?./§"),
        ]),
    ]

    /// Keys, and neighbours of a key on the average.
    private static let (keys, neighbours) = (47.0, 4.6)

    /// Which way one key lies from another; nil where they are no neighbours.
    private static func direction(_ from: Place, _ to: Place) -> Int? {
        switch (to.row - from.row, to.column - from.column) {
        case (0, -1): 0
        case (0, 1): 1
        case (-1, 0): 2
        case (-1, 1): 3
        case (1, -1): 4
        case (1, 0): 5
        default: nil
        }
    }

    /// Walks of three keys and more over neighbours.
    func walks(in text: FoldedText) -> [Segment] {
        var segments: [Segment] = []
        var (start, turns) = (0, 0)
        var before: Int?
        func end(at end: Int) {
            if end - start >= 3 { segments.append(walk(start..<end, turns, text)) }
        }
        for index in text.typed.indices.dropFirst() {
            if let from = places[text.typed[index - 1]], let to = places[text.typed[index]],
                let direction = Keyboard.direction(from, to)
            {
                if direction != before { turns += 1 }
                before = direction
                continue
            }
            end(at: index)
            (start, turns, before) = (index, 0, nil)
        }
        end(at: text.count)
        return segments
    }

    /// A start, and at each turn one of the neighbours.
    private func walk(_ range: Range<Int>, _ turns: Int, _ text: FoldedText) -> Segment {
        var sum = 0.0
        for length in 2...range.count {
            for turn in stride(from: 1, through: min(turns, length - 1), by: 1) {
                sum +=
                    Variations.binomial(length - 1, turn - 1) * Keyboard.keys * pow(Keyboard.neighbours, Double(turn))
            }
        }
        let shifted = text.typed[range].count(where: { places[$0]?.isShifted == true })
        var guesses = log10(sum)
        if shifted == range.count {
            guesses += log10(2)
        } else if shifted > 0 {
            guesses += Variations.choices(shifted, range.count - shifted)
        }
        return Segment(range: range, kind: .keyboard, guesses: guesses, disguise: shifted > 0 ? .capitals : [])
    }
}
