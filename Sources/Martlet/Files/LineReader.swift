import Glibc
import Identity

/// The lines of a file or of standard input, one by one, however long it is.
final class LineReader {
    private let descriptor: Int32
    private let name: String
    private var buffer: [UInt8] = []
    private var start = 0
    private var isOver = false

    /// `-` is standard input.
    init(_ path: String) throws(CommandFailure) {
        name = path == "-" ? "standard input" : Console.visible(path)
        descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(.badData, "\(name) cannot be read: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// The next line without its break; nil behind the last.
    ///
    /// A line that is too long comes in pieces, which are no lines of the log.
    func next() throws(CommandFailure) -> [UInt8]? {
        while true {
            if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            if isOver || buffer.count - start > AuditLine.limit {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return Array(buffer[start...])
            }
            try fill()
        }
    }

    private func fill() throws(CommandFailure) {
        buffer.removeFirst(start)
        start = 0
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(descriptor, &piece, piece.count)
        guard count >= 0 else {
            if errno == EINTR { return }
            throw CommandFailure(.badData, "\(name) cannot be read: \(String(cString: strerror(errno)))")
        }
        isOver = count == 0
        buffer += piece[..<count]
    }
}

@available(*, unavailable)
extension LineReader: Sendable {}
