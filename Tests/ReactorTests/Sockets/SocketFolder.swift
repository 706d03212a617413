import Glibc

/// A folder for the sockets of one test, with a short path, removed at the end.
final class SocketFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/martlet-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { fatalError("no folder in /tmp: \(errno)") }
        path = String(cString: made)
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink(path + "/" + name)
        }
        closedir(folder)
        rmdir(path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// The kind and permission bits of a file; nil if there is none.
    static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : nil
    }

    /// A blocking socket of one of our kinds, connected to a path; -1 if nobody listens there.
    static func connect(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let result = withAddress(path) { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    static func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(2 + path.utf8.count))
            }
        }
    }
}
