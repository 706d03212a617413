import SQLStores

/// One line on a terminal's standard error that tells how far a move is; nothing elsewhere.
final class ProgressLine {
    private let line = StatusLine()
    private var shownAt: ContinuousClock.Instant?

    /// Shows it, ten times a second at most.
    func show(_ progress: DatabaseMove.Progress) {
        let now = ContinuousClock.now
        if let shownAt, now - shownAt < .milliseconds(100) { return }
        shownAt = now
        line.put(ProgressLine.text(of: progress))
    }

    /// Leaves the line to whatever is printed next.
    func clear() {
        if shownAt != nil { line.clear() }
    }

    static func text(of progress: DatabaseMove.Progress) -> String {
        switch progress {
        case .copying(let table, let rows, let all):
            "Copying \(table): \(rows) of \(all) rows (\(all > 0 ? Int(100 * Double(rows) / Double(all)) : 100) %)"
        case .catchingUp(let changes): "Catching up: \(changes) changes"
        case .comparing(let table, let rows): "Comparing \(table): \(rows) rows"
        case .refusingWrites: "Writes are refused; copying the last changes"
        }
    }
}

@available(*, unavailable)
extension ProgressLine: Sendable {}
