import Glibc

/// A folder of our own that goes with the program.
enum TemporaryFolder {
    /// Makes one below `parent`, or where the system keeps such things.
    static func make(below parent: String?) throws -> String {
        let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((parent + "/martlet-bench.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchFailure.call("mkdtemp below \(parent)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        Aftermath.shared.add(folder: path)
        return path
    }

    /// Removes the folder with everything in it.
    static func remove(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            // A link is removed, not followed.
            if unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        }
        closedir(folder)
        rmdir(path)
    }

    /// Writes a file that only its owner can read.
    static func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchFailure.call(path) }
        defer { close(file) }
        guard Glibc.write(file, text, text.utf8.count) == text.utf8.count else { throw BenchFailure.call(path) }
    }
}
