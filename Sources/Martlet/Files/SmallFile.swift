import Glibc

/// Files that are read and written whole: keys and settings.
enum SmallFile {
    struct Contents {
        let bytes: [UInt8]
        /// The permission bits.
        let mode: mode_t
    }

    /// Why a file could not be read or written, in the system's words.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case system(String)
        case notAFile
        case tooLong(limit: Int)

        var isAbsence: Bool { self == .system(String(cString: strerror(ENOENT))) }

        static var last: Failure { .system(String(cString: strerror(errno))) }

        var description: String {
            switch self {
            case .system(let words): words
            case .notAFile: "not a file"
            case .tooLong(let limit): "longer than \(limit) bytes"
            }
        }
    }

    /// The whole content of a file that is not longer than `limit`.
    static func read(_ path: String, limit: Int) throws(Failure) -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).baseAddress,
                    buffer.count - count)
            }
            guard got >= 0 else { throw .last }
            if got == 0 { break }
            count += got
        }
        guard count <= limit else { throw .tooLong(limit: limit) }
        return Contents(bytes: Array(bytes[..<count]), mode: status.st_mode & 0o7777)
    }

    /// Writes a new file that its owner alone may read; false where there is one already.
    ///
    /// Whole or not at all: it is written under another name, brought to disk and then linked, which only one of two
    /// starters can do.
    static func create(_ path: String, _ bytes: [UInt8]) throws(CommandFailure) -> Bool {
        do {
            return try link(bytes, to: path)
        } catch {
            throw CommandFailure("\(Console.visible(path)) cannot be written: \(error)")
        }
    }

    /// Makes a folder for its owner alone where there is none.
    static func makeFolder(_ path: String) throws(CommandFailure) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw CommandFailure("\(Console.visible(path)) cannot be made: \(Failure.last)")
    }

    private static func link(_ bytes: [UInt8], to path: String) throws(Failure) -> Bool {
        let draft = "\(path).\(UInt64.random(in: 0 ... .max)).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last }
        defer {
            close(descriptor)
            unlink(draft)
        }
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
            fsync(descriptor) == 0
        else { throw .last }
        if Glibc.link(draft, path) == 0 { return true }
        guard errno == EEXIST else { throw .last }
        return false
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The path from the root, by the folder that the program is in now.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
