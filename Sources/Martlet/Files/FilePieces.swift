import Glibc

/// A file of any length, read in pieces and at any place.
final class FilePieces {
    private let descriptor: Int32
    private let name: String
    /// How long it is, in bytes, and when it was last changed, in seconds: together they tell whether it is the same file.
    let (size, modified): (Int64, Int64)

    init(_ path: String) throws(CommandFailure) {
        name = Console.visible(path)
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CommandFailure(.badData, "\(name) cannot be read: \(SmallFile.Failure.last)")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw CommandFailure(.badData, "\(name) is not a file")
        }
        (size, modified) = (Int64(status.st_size), Int64(status.st_mtim.tv_sec))
    }

    deinit { close(descriptor) }

    /// The next piece; empty at the end.
    func next() throws(CommandFailure) -> [UInt8] {
        try take(256 * 1024) { read(descriptor, $0, $1) }
    }

    /// So many bytes from a place, fewer at the end of the file.
    func bytes(at offset: Int64, count: Int) throws(CommandFailure) -> [UInt8] {
        try take(count) { pread(descriptor, $0, $1, off_t(offset)) }
    }

    private func take(
        _ count: Int, _ read: (UnsafeMutableRawPointer?, Int) -> Int
    ) throws(CommandFailure) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: count)
        while true {
            let got = piece.withUnsafeMutableBytes { read($0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw CommandFailure(.badData, "\(name) cannot be read: \(SmallFile.Failure.last)") }
            piece.removeLast(count - got)
            return piece
        }
    }
}

@available(*, unavailable)
extension FilePieces: Sendable {}
