internal import CLinux
internal import Glibc

/// Starts a detached thread with all signals blocked: signals are for `Signals` alone.
///
/// - Parameter priority: `background` where others go first when the processors are busy.
package func startThread(
    name: String, priority: ThreadPriority = .normal, _ body: @escaping @Sendable () -> Void
) throws(SystemError) {
    final class Start: Sendable {
        let name: String
        let priority: ThreadPriority
        let body: @Sendable () -> Void
        init(name: String, priority: ThreadPriority, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.priority = priority
            self.body = body
        }
    }

    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(name: name, priority: priority, body: body))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // The new thread inherits the mask.
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let code = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            // The kernel takes 15 bytes.
            pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
            // On Linux this is a matter of the thread, and of those that it starts.
            if start.priority == .background { stepBack() }
            start.body()
            return nil
        },
        start.toOpaque()
    )
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code == 0 else {
        start.release()
        throw SystemError("pthread_create", code: code)
    }
    pthread_detach(thread)
}

/// Who goes first when the processors are busy.
public enum ThreadPriority: Sendable {
    /// As the process.
    case normal
    /// Behind what has to answer soon: a third of its share.
    case background
}

/// Five steps of the kernel's scale weigh a third.
private func stepBack() {
    let which = __priority_which_t(PRIO_PROCESS.rawValue)
    setpriority(which, 0, min(19, getpriority(which, 0) + 5))
}

/// Tells tasks that threads have ended.
package final class ThreadEnd: Sendable {
    private struct State {
        var running: Int
        var waiters: [UnsafeContinuation<Void, Never>] = []
    }

    private let state: Locked<State>

    /// `threads` is how many signals make the end.
    package init(threads: Int = 1) {
        state = Locked(State(running: threads))
    }

    package func signal() {
        let waiters = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [UnsafeContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    package func wait() async {
        await withUnsafeContinuation { continuation in
            let isOver = state.withLock { state in
                if state.running > 0 { state.waiters.append(continuation) }
                return state.running <= 0
            }
            if isOver { continuation.resume() }
        }
    }
}
