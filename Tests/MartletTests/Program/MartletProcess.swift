import Foundation
import Synchronization
import Testing

/// The built program as a child process, with its streams in files and nothing of ours in its environment.
final class MartletProcess: Sendable {
    let folder: TemporaryFolder
    private let process: Process
    private let name: String

    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The program stands beside the test bundle.
    static var executable: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("martlet")
    }

    /// Starts `martlet` in a folder, with these variables and this standard input.
    init(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:], input: String = ""
    ) throws {
        self.folder = folder
        name = UUID().uuidString
        process = Process()
        process.executableURL = MartletProcess.executable
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.root)
        process.environment = environment
        let inputPath = try folder.file(name + ".in", input)
        process.standardInput = FileHandle(forReadingAtPath: inputPath)
        process.standardOutput = try MartletProcess.fileHandle(folder, name + ".out")
        process.standardError = try MartletProcess.fileHandle(folder, name + ".err")
        try process.run()
    }

    private static func fileHandle(_ folder: TemporaryFolder, _ name: String) throws -> FileHandle {
        try #require(FileHandle(forWritingAtPath: try folder.file(name, "")))
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var output: String { (try? String(contentsOfFile: folder.path(name + ".out"), encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: folder.path(name + ".err"), encoding: .utf8)) ?? "" }
    var isRunning: Bool { process.isRunning }

    func terminate() { process.terminate() }

    func end() async throws -> Outcome {
        try await until("the program ends") { !self.process.isRunning }
        return Outcome(status: process.terminationStatus, output: output, errors: errors)
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:], input: String = ""
    ) async throws -> Outcome {
        try await MartletProcess(arguments, in: folder, environment: environment, input: input).end()
    }
}

/// Waits until something holds; far longer than it can take on any machine, and then fails.
func until(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<30_000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("waited for five minutes: \(what)")
    throw CancellationError()
}
