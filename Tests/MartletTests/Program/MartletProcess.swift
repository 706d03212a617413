import Foundation
import Glibc
import Synchronization
import Testing

/// The built program as a child process, with its streams in files and nothing of ours in its environment.
///
/// Spawned by hand: Foundation's `Process` looks through the open files of this process, and reads amiss where others open
/// more meanwhile.
final class MartletProcess: Sendable {
    let folder: TemporaryFolder
    private let name: String
    /// The process, until its end was waited for, and then its status: that of its exit, or the signal that ended it.
    private let state: Mutex<State>

    private enum State {
        case running(pid_t)
        case ended(Int32)
    }

    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    struct NotStarted: Error {
        let code: Int32
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
        let program = MartletProcess.executable.path
        let words = (["env", "-C", folder.root, program] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer {
            for pointer in words + variables { free(pointer) }
            posix_spawn_file_actions_destroy(&actions)
        }
        posix_spawn_file_actions_addopen(&actions, 0, try folder.file(name + ".in", input), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, try folder.file(name + ".out", ""), O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, try folder.file(name + ".err", ""), O_WRONLY, 0)
        var process: pid_t = 0
        let code = posix_spawn(&process, "/usr/bin/env", &actions, nil, words, variables)
        guard code == 0 else { throw NotStarted(code: code) }
        state = Mutex(.running(process))
    }

    deinit {
        state.withLock { state in
            guard case .running(let process) = state else { return }
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    var output: String { (try? String(contentsOfFile: folder.path(name + ".out"), encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: folder.path(name + ".err"), encoding: .utf8)) ?? "" }
    var isRunning: Bool { status == nil }

    func terminate() {
        state.withLock { state in
            if case .running(let process) = state { kill(process, SIGTERM) }
        }
    }

    func end() async throws -> Outcome {
        try await until("the program ends") { !self.isRunning }
        return Outcome(status: status ?? -1, output: output, errors: errors)
    }

    private var status: Int32? {
        state.withLock { state in
            switch state {
            case .ended(let status): return status
            case .running(let process):
                var status: Int32 = 0
                guard waitpid(process, &status, WNOHANG) == process else { return nil }
                let signal = status & 0x7f
                let code = signal == 0 ? (status >> 8) & 0xff : signal
                state = .ended(code)
                return code
            }
        }
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
