import Foundation

/// A folder that is there as long as the value is.
final class TemporaryFolder: Sendable {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "martlet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    func path(_ name: String) -> String { root + "/" + name }

    /// Writes a file and answers its path; one that was there is replaced as a whole, so that two are never taken for
    /// one, however soon they follow each other.
    @discardableResult
    func file(_ name: String, _ content: String, mode: mode_t = 0o644) throws -> String {
        let path = path(name)
        try Data(content.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        chmod(path, mode)
        return path
    }

    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return stat(path(name), &status) == 0 ? status.st_mode & 0o777 : nil
    }
}
