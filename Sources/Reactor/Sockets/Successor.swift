internal import CLinux
internal import Glibc

/// The process that takes over from this one: it inherits the listening sockets and says when it listens.
///
/// Nothing is refused meanwhile, as the sockets stay open all the time: what waits in their queues is taken by whichever
/// of the two comes first.
public struct Successor: Sendable {
    /// Its process id.
    public let process: Int32

    /// Why there is none.
    public enum Failure: Error, Sendable, Hashable {
        /// It could not be started.
        case notStarted(SystemError)
        /// It ended, or closed the line, before it listened.
        case ended
        /// It was not ready in time, or the wait was cancelled; it was told to end.
        case late
    }

    /// Starts the program, which must use `InheritedSockets`, and waits until it listens.
    ///
    /// - Parameters:
    ///   - program: its path.
    ///   - arguments: without the name of the program.
    ///   - environment: `NAME=value`; what has to do with handing over is replaced.
    ///   - sockets: what it inherits; closed here afterwards.
    public static func start(
        _ program: String,
        _ arguments: [String],
        environment: [String],
        sockets: [ListeningSocket],
        on loop: EventLoop,
        until deadline: Deadline
    ) async throws -> Successor {
        defer { sockets.closeAll() }
        var line: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &line) == 0 else { throw Failure.notStarted(SystemError("socketpair")) }
        let process: Int32
        do {
            defer { close(line[1]) }
            process = try spawn(program, arguments, environment: environment, sockets: sockets, line: line[1])
        } catch {
            close(line[0])
            throw error
        }
        let ours = line[0]
        let waiting = Task(executorPreference: loop) {
            let source = try DescriptorSource(ours, on: loop)
            defer { source.close() }
            source.markDrained(.read)
            let outcome = await source.wait(.read, until: deadline)
            var word: UInt8 = 0
            return outcome == .ready ? recv(source.descriptor, &word, 1, 0) == 1 : nil
        }
        let outcome = try await withTaskCancellationHandler {
            try await waiting.value
        } onCancel: {
            waiting.cancel()
        }
        guard outcome == true else {
            // A task of its own: whoever stops us meanwhile does not leave it behind.
            await Task(executorPreference: loop) { await end(process, on: loop) }.value
            throw outcome == nil ? Failure.late : Failure.ended
        }
        return Successor(process: process)
    }

    /// Ends a process that is not ready: what is not by now shall not become so later, beside us.
    private static func end(_ process: Int32, on loop: EventLoop) async {
        for (signal, limit) in [(SIGTERM, Duration.seconds(2)), (SIGKILL, .seconds(10))] {
            kill(process, signal)
            let deadline = Deadline.after(limit)
            repeat {
                guard waitpid(process, nil, WNOHANG) == 0 else { return }
                try? await loop.sleep(until: .after(.milliseconds(20)))
            } while Deadline.now < deadline
        }
    }

    private static func spawn(
        _ program: String,
        _ arguments: [String],
        environment: [String],
        sockets: [ListeningSocket],
        line: Int32
    ) throws(Failure) -> Int32 {
        let handed = sockets.map(\.descriptor) + [line]
        // Out of the way of the numbers that they shall get.
        var moved: [Int32] = []
        defer { for descriptor in moved { close(descriptor) } }
        for descriptor in handed {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3 + Int32(clamping: handed.count))
            guard copy >= 0 else { throw .notStarted(SystemError("fcntl")) }
            moved.append(copy)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in moved.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 3 + Int32(clamping: index))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of loops take no signals; the new process shall.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        let names = sockets.map { $0.claim?.name ?? "listen" } + [InheritedSockets.predecessorName]
        let variables =
            environment.filter { variable in
                !["LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "WATCHDOG_PID="].contains { variable.hasPrefix($0) }
            } + [
                "LISTEN_PID=\(getpid())", "LISTEN_FDS=\(handed.count)",
                "LISTEN_FDNAMES=" + names.joined(separator: ":"),
            ]
        var texts: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var values: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for text in texts + values { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, &attributes, &texts, &values)
        guard code == 0 else { throw .notStarted(SystemError("posix_spawn", code: code)) }
        return process
    }
}
