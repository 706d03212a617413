import Glibc

/// How many descriptors this program may have: RLIMIT_NOFILE.
enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(7)  // RLIMIT_NOFILE

    /// Raises the limit, for the programs that are started from here as well, if it is lower.
    static func raise(to number: Int) throws {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { throw BenchFailure.call("getrlimit") }
        guard limit.rlim_cur < rlim_t(number) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(number))
        guard limit.rlim_cur >= rlim_t(number), setrlimit(resource, &limit) == 0 else {
            throw BenchFailure("this program may have \(limit.rlim_max) descriptors and needs \(number): ulimit -Hn")
        }
    }
}
