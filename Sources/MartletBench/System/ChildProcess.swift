import CLinux
import Glibc

/// A program that we started.
struct ChildProcess {
    let id: pid_t

    /// Where its output goes.
    enum Output {
        case file(Int32)
        case nowhere
    }

    /// Starts a program with exactly these variables, on the processors of the calling thread.
    ///
    /// `lastSignal` ends it where nothing else is left to do for it.
    init(
        _ path: String, _ arguments: [String], environment: [String], input: Int32? = nil, output: Output,
        errors: Output, lastSignal: Int32 = SIGKILL
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (descriptor, target) in [(Int32(1), output), (2, errors)] {
            switch target {
            case .file(let file): posix_spawn_file_actions_adddup2(&actions, file, descriptor)
            case .nowhere: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
            }
        }
        // Signals as a shell would hand them on: we block and ignore some.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var reset = sigset_t()
        sigemptyset(&reset)
        sigaddset(&reset, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &reset)
        // A group of its own: Ctrl-C reaches us, and we stop it.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var pointers: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in pointers + variables { free(pointer) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, path, &actions, &attributes, &pointers, &variables)
        guard code == 0 else { throw BenchFailure("\(path): " + String(cString: strerror(code))) }
        self.id = id
        Aftermath.shared.add(process: id, lastSignal: lastSignal)
    }

    /// Waits for its end: the exit status, or 128 and the signal.
    func wait() -> Int32 {
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        return ChildProcess.exitStatus(Aftermath.shared.reap(id))
    }

    /// Whether it is over.
    var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT | WNOHANG) == -1
            || information.si_signo != 0
    }

    /// Asks it to end, insists after ten seconds, and waits.
    func stop() {
        kill(id, SIGTERM)
        let deadline = Monotonic.after(seconds: 10)
        while !hasEnded, Monotonic.now < deadline { Monotonic.sleep(seconds: 0.001) }
        if !hasEnded { kill(id, SIGKILL) }
        _ = wait()
    }

    private static func exitStatus(_ status: Int32) -> Int32 {
        status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }
}
