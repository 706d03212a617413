import Glibc

/// Small files, such as those of /proc.
enum FileText {
    /// The whole text, or nil.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return String(decoding: readAll(file), as: UTF8.self)
    }

    /// Everything up to the end.
    static func readAll(_ file: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            if count > 0 {
                bytes += piece[..<count]
            } else if count == 0 || errno != EINTR {
                return bytes
            }
        }
    }

    /// The last lines, for a complaint.
    static func tail(_ path: String, lines: Int) -> String {
        (read(path) ?? "").split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
