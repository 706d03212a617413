import CLinux
import Glibc

/// How many descriptors the process may have open, and what they are for.
enum OpenFiles {
    /// What the site leaves alone: the database, files, outgoing requests, the operators' listener.
    private static let reserve = 128
    /// What operators and their machines need, out of the reserve.
    static let managementConnections = 32

    private static let kind = __rlimit_resource_t(7)  // RLIMIT_NOFILE

    /// The limit that is in force.
    static var limit: Int {
        var limit = rlimit()
        return getrlimit(kind, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 1024
    }

    /// Raises the limit as far as the system allows.
    ///
    /// The low one is for programs that use `select(2)`, which cannot name a descriptor above 1023; nothing here does.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
    }

    /// How many connections the site may have under a limit: clients alone can never use it up.
    static func connections(under limit: Int) -> Int { max(1, max(limit / 2, limit - reserve)) }
}
