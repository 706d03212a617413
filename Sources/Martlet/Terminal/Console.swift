import Glibc
import JSON

/// The standard streams of a command.
struct Console: Sendable {
    /// Writes to standard output.
    func print(_ text: String) { write(Array((text + "\n").utf8)) }

    /// Writes bytes to standard output.
    func write(_ bytes: [UInt8]) { Console.write(bytes, to: 1) }

    /// Writes one JSON value as a line to standard output.
    func print(json write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 4096)
        write(&writer)
        self.write(writer.bytes + [UInt8(ascii: "\n")])
    }

    /// Writes to standard error.
    func complain(_ text: String) { Console.write(Array((text + "\n").utf8), to: 2) }

    /// Writes bytes to standard output that are worth nothing unless they are all there.
    func deliver(_ bytes: [UInt8]) throws(CommandFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(1, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count > 0 || errno == EINTR else {
                throw CommandFailure("standard output cannot be written: \(String(cString: strerror(errno)))")
            }
            written += max(0, count)
        }
    }

    /// Asks on the terminal and reads a line from standard input; empty at its end.
    func readLine(_ prompt: String) -> String {
        Console.write(Array(prompt.utf8), to: 2)
        return Swift.readLine() ?? ""
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            // Nobody reads any more: `martlet user list | head`.
            guard count > 0 || errno == EINTR else { return }
            written += max(0, count)
        }
    }

    /// A text as it may be shown: control characters could steer the terminal of whoever looks at a list.
    static func visible(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default:
                shown.append(scalar)
            }
        }
        return String(shown)
    }

    /// Reads a secret from standard input, up to the first line break; asks for it and hides it where that is a terminal.
    func readSecret(_ prompt: String, limit: Int = 4096) throws(CommandFailure) -> String {
        let isTerminal = isatty(0) == 1
        var before = termios()
        if isTerminal {
            Console.write(Array((prompt + ": ").utf8), to: 2)
            tcgetattr(0, &before)
            var silent = before
            // Ctrl-C ends the line instead of the program, which would leave the terminal without an echo.
            silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
            withUnsafeMutableBytes(of: &silent.c_cc) { $0[Int(VEOL)] = $0[Int(VINTR)] }
            tcsetattr(0, TCSAFLUSH, &silent)
        }
        defer {
            if isTerminal {
                tcsetattr(0, TCSAFLUSH, &before)
                Console.write([UInt8(ascii: "\n")], to: 2)
            }
        }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(0, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count > 0, byte != UInt8(ascii: "\n") else { break }
            if isTerminal, byte == before.c_cc.0 { throw CommandFailure("interrupted; nothing was changed") }
            bytes.append(byte)
            guard bytes.count <= limit else { throw CommandFailure(.badData, "the line on standard input is too long") }
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.badData, "the line on standard input is not text in UTF-8")
        }
        guard !text.isEmpty else {
            throw CommandFailure(.badData, "standard input holds nothing up to the first line break")
        }
        return text
    }
}
