import Glibc

/// Which processes have a file open, by what Linux tells under `/proc`.
enum OpenFiles {
    struct Process {
        let id: pid_t
        /// Whether it was started as `… serve`.
        let isServer: Bool
    }

    /// The processes that have the file open, those of other users only for root; nothing where there is no `/proc`.
    static func processes(with file: stat) -> [Process] {
        names(in: "/proc").compactMap { pid_t($0) }.filter { id in
            let folder = "/proc/\(id)/fd"
            return names(in: folder).contains { name in
                var status = stat()
                return stat("\(folder)/\(name)", &status) == 0 && status.st_ino == file.st_ino
                    && status.st_dev == file.st_dev
            }
        }.sorted().map { Process(id: $0, isServer: words(of: $0).dropFirst().first == "serve") }
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The command line.
    private static func words(of id: pid_t) -> [String] {
        let descriptor = open("/proc/\(id)/cmdline", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return [] }
        return bytes[..<count].split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
