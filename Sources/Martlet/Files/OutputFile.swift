import Glibc

/// A file that is written bit by bit, for its owner alone.
final class OutputFile {
    /// What happens to a file of that name.
    enum Mode {
        /// There must be none.
        case new
        /// It is emptied.
        case replacing
        /// It goes on.
        case appending
        /// It is cut to a length and goes on from there; there may be none where that is nothing.
        case continuing(from: Int64)
    }

    private let descriptor: Int32
    private let name: String
    /// How long it is now.
    private(set) var length: Int64 = 0

    init(_ path: String, _ mode: Mode) throws(CommandFailure) {
        name = Console.visible(path)
        let flags =
            switch mode {
            case .new: O_CREAT | O_EXCL
            case .replacing: O_CREAT | O_TRUNC
            case .appending: O_CREAT | O_APPEND
            case .continuing: O_CREAT
            }
        descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("\(name) cannot be written: \(SmallFile.Failure.last)")
        }
        if case .continuing(let start) = mode {
            guard lseek(descriptor, 0, SEEK_END) >= off_t(start), ftruncate(descriptor, off_t(start)) == 0,
                lseek(descriptor, 0, SEEK_END) == off_t(start)
            else {
                // All is set, so `deinit` closes it: a second time it may be somebody else's.
                throw CommandFailure(.badData, "\(name) is shorter than it was")
            }
            length = start
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CommandFailure("\(name) cannot be written: \(SmallFile.Failure.last)") }
            written += count
        }
        length += Int64(bytes.count)
    }

    /// Brings what was written to the disk.
    func sync() throws(CommandFailure) {
        guard fsync(descriptor) == 0 else {
            throw CommandFailure("\(name) cannot be written: \(SmallFile.Failure.last)")
        }
    }
}

@available(*, unavailable)
extension OutputFile: Sendable {}
