import Glibc

/// How many descriptors the process may have: RLIMIT_NOFILE.
///
/// Services often start with 1024 and are allowed far more.
enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(7)  // RLIMIT_NOFILE

    /// What is not for clients: databases, outgoing requests, files, sockets of a successor.
    private static let reserve = 256

    /// Raises the limit as far as the process may, and says how far that is.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if setrlimit(resource, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many connections a limit leaves for clients: with all descriptors taken the database could not be opened.
    static func connections(of limit: Int, atMost most: Int) -> Int {
        max(min(limit / 2, most), min(limit - reserve, most))
    }
}
