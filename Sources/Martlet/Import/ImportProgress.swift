import Glibc

/// Tells how far an import is: a bar on a terminal, else a line now and then.
final class ImportProgress {
    private let isTerminal = isatty(2) == 1
    private let line = StatusLine()
    private let console: Console
    private let began = ContinuousClock.now
    private var shownAt = ContinuousClock.now
    /// Rows of earlier runs, which took no time now.
    private let before: Int

    init(_ console: Console, before: Int) {
        self.console = console
        self.before = before
    }

    /// Shows it, often on a terminal, every ten seconds elsewhere.
    func show(_ counts: ImportCounts, part: Double) {
        let now = ContinuousClock.now
        guard now - shownAt >= (isTerminal ? .milliseconds(100) : .seconds(10)) else { return }
        shownAt = now
        let text = ImportProgress.text(counts, part: part, rate: rate(counts))
        if isTerminal { line.put(text) } else { console.complain(text) }
    }

    /// Leaves the line to whatever is printed next.
    func clear() { line.clear() }

    /// Rows a second in this run.
    func rate(_ counts: ImportCounts) -> Double {
        Double(counts.rows - before) / max(0.001, (ContinuousClock.now - began) / .seconds(1))
    }

    static func text(_ counts: ImportCounts, part: Double, rate: Double) -> String {
        let part = min(1, max(0, part))
        let filled = Int(part * 20)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
        return "[\(bar)] \(Int(part * 100)) %, \(FigureText.grouped(counts.rows)) rows, \(FigureText.rate(rate)), "
            + "\(FigureText.grouped(counts.refused)) not taken"
    }
}

@available(*, unavailable)
extension ImportProgress: Sendable {}
