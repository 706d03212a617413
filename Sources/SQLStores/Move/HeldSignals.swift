import Glibc

/// Keeps the signals that end a program away while something must not stay half done.
///
/// For a program of one thread: the kernel would give them to another one.
enum HeldSignals {
    /// Runs the body, which can ask whether such a signal has come.
    ///
    /// One that it did not ask for is forgotten at the end: the program tells what was done then, and ends.
    static func hold<Result>(_ body: (_ hasCome: () -> Bool) throws -> Result) rethrows -> Result {
        var held = sigset_t()
        var before = sigset_t()
        sigemptyset(&held)
        for signal in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(signal) { sigaddset(&held, signal) }
        pthread_sigmask(SIG_BLOCK, &held, &before)
        let hasCome = { [held] in
            var (held, noTime) = (held, timespec())
            return sigtimedwait(&held, nil, &noTime) > 0
        }
        defer {
            while hasCome() {}
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        return try body(hasCome)
    }

    /// As by nohup; while it is held such a signal would count.
    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
