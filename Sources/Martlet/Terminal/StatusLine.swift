import Glibc

/// One line on a terminal's standard error that is written over and over; nothing where standard error is no terminal.
struct StatusLine: Sendable {
    private let isTerminal = isatty(2) == 1

    /// Shows a text in place of the one before.
    func put(_ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        // From the beginning of the line, whose rest is erased.
        let bytes = Array("\r\u{1B}[K\(text())".utf8)
        _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// Leaves the line to whatever is printed next.
    func clear() { put("") }
}
