/// Finds what somebody may have meant.
enum Spelling {
    /// The candidate that differs least, if it differs so little that it is worth to be named.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let word = word.lowercased()
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(Array(word.utf8), Array(candidate.lowercased().utf8))
            if distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        guard let best, best.distance <= max(1, word.utf8.count / 3), best.distance < best.candidate.utf8.count else {
            return nil
        }
        return best.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one text of the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        // What is much longer than any name here is no misspelling of one.
        guard left.count <= 64, right.count <= 64 else { return .max }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var least = min(last[column + 1] + 1, current[column] + 1, last[column] + (character == other ? 0 : 1))
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
