import CLinux
import Glibc

/// A program that was run to its end, with what it printed.
struct CapturedRun {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program; what it prints must fit the disk of `folder`.
    init(
        _ path: String, _ arguments: [String], environment: [String], input: String? = nil, folder: String
    ) throws {
        // Files, not pipes: nothing can fill up and wait.
        let files = try ["in", "out", "err"].map { name in
            let path = "\(folder)/run.\(name)"
            let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw BenchFailure.call(path) }
            return file
        }
        defer { for file in files { close(file) } }
        if let input, Glibc.write(files[0], input, input.utf8.count) != input.utf8.count {
            throw BenchFailure.call("input of \(path)")
        }
        for file in files { lseek(file, 0, SEEK_SET) }
        let process = try ChildProcess(
            path, arguments, environment: environment, input: files[0], output: .file(files[1]), errors: .file(files[2])
        )
        status = process.wait()
        for file in files { lseek(file, 0, SEEK_SET) }
        output = String(decoding: FileText.readAll(files[1]), as: UTF8.self)
        errors = String(decoding: FileText.readAll(files[2]), as: UTF8.self)
    }
}
