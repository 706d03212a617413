import Glibc

extension StrengthEstimate {
    /// Characters that follow each other at the same distance: `abcd`, `9753`.
    static func sequences(in text: FoldedText) -> [Segment] {
        var segments: [Segment] = []
        var start = 0
        var distance: Int?
        func end(at end: Int) {
            guard let distance, distance != 0, end - start >= 3 || (end - start == 2 && abs(distance) == 1) else {
                return
            }
            segments.append(sequence(start..<end, distance, text))
        }
        for index in text.scalars.indices.dropFirst() {
            let (from, to) = (text.scalars[index - 1], text.scalars[index])
            let next = Int(to) - Int(from)
            let isNear = abs(next) <= 5 && isDigit(from) == isDigit(to)
            if isNear, distance == nil || next == distance {
                distance = next
                continue
            }
            end(at: index)
            // The character before may begin the next one.
            (start, distance) = isNear ? (index - 1, next) : (index, nil)
        }
        end(at: text.count)
        return segments
    }

    private static func isDigit(_ value: UInt32) -> Bool { (0x30...0x39).contains(value) }

    private static func sequence(_ range: Range<Int>, _ distance: Int, _ text: FoldedText) -> Segment {
        let first = text.scalars[range.lowerBound]
        let obvious: Set<UInt32> = [0x61, 0x7A, 0x30, 0x31, 0x39]  // a z 0 1 9
        let starts = obvious.contains(first) ? 4.0 : isDigit(first) ? 10 : 26
        let guesses = starts * (distance < 0 ? 2 : 1) * Double(range.count) * (abs(distance) > 1 ? 2 : 1)
        let capitals = Variations.capitals(text.capitals[range])
        return Segment(
            range: range, kind: .sequence, guesses: log10(guesses) + capitals, disguise: capitals > 0 ? .capitals : [])
    }
}
