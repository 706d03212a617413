import Glibc

/// What the machine has, and what this process takes of it.
enum HostFacts {
    /// Bytes of memory that the process may use: that of the machine, or the limit of its control group.
    static var memory: Int64 {
        let machine = Int64(sysconf(Int32(_SC_PHYS_PAGES))) * page
        guard let limit = number(in: "/sys/fs/cgroup/memory.max"), limit > 0 else { return machine }
        return min(machine, limit)
    }

    /// Bytes that the process has in memory now.
    static var resident: Int64 {
        guard let contents = try? SmallFile.read("/proc/self/statm", limit: 4096) else { return 0 }
        let words = String(decoding: contents.bytes, as: UTF8.self).split(separator: " ")
        return words.count > 1 ? (Int64(words[1]) ?? 0) * page : 0
    }

    /// Processor time of this process so far.
    static var processorTime: Duration { time(of: CLOCK_PROCESS_CPUTIME_ID) }
    /// Processor time of the calling thread so far.
    static var threadTime: Duration { time(of: CLOCK_THREAD_CPUTIME_ID) }

    /// Processor time of the whole machine so far, of all that runs on it; nil where the kernel does not tell.
    static var machineTime: Duration? {
        // A line for each processor stands behind the one for all, which is the first.
        guard let contents = try? SmallFile.read("/proc/stat", limit: 1 << 20) else { return nil }
        let line = String(decoding: contents.bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let ticks = line.split(separator: " ").dropFirst().map { Int64($0) ?? 0 }
        // User, nice, system, idle, waiting, interrupts, soft interrupts, and what a hypervisor kept for others.
        guard ticks.count >= 8 else { return nil }
        let busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]
        return .milliseconds(busy * 1000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }

    private static let page = Int64(sysconf(Int32(_SC_PAGESIZE)))

    private static func number(in path: String) -> Int64? {
        guard let contents = try? SmallFile.read(path, limit: 64) else { return nil }
        return Int64(String(decoding: contents.bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private static func time(of clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
