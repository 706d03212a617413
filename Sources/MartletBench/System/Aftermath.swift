import CLinux
import Glibc
import Synchronization

/// What must not outlive this program: the processes it started and its folder.
final class Aftermath: Sendable {
    static let shared = Aftermath()

    private struct State {
        /// With the signal that ends each.
        var processes: [pid_t: Int32] = [:]
        var folder: String?
    }

    private let state = Mutex(State())

    func add(process: pid_t, lastSignal: Int32) { state.withLock { $0.processes[process] = lastSignal } }

    func add(folder: String) { state.withLock { $0.folder = folder } }

    /// Takes the end of a process that is known to be over; under the lock, so that no signal reaches a later process of
    /// the same number.
    func reap(_ process: pid_t) -> Int32 {
        state.withLock { state in
            var status: Int32 = 0
            while waitpid(process, &status, 0) == -1, errno == EINTR {}
            state.processes[process] = nil
            return status
        }
    }

    /// Ends what still runs and removes the folder.
    func clear() {
        state.withLock { state in
            for (process, signal) in state.processes {
                kill(process, signal)
                var status: Int32 = 0
                waitpid(process, &status, 0)
            }
            state.processes = [:]
            if let folder = state.folder { TemporaryFolder.remove(folder) }
            state.folder = nil
        }
    }

    /// From here on Ctrl-C and its like clear up before they end the program; call it before any thread starts.
    func watchSignals() throws {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        _ = try Thread { [self, signals] in
            var signals = signals
            var signal: Int32 = 0
            guard sigwait(&signals, &signal) == 0 else { return }
            clear()
            _exit(128 + signal)
        }
    }
}
