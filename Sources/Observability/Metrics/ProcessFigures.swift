import Glibc

/// What the kernel says about this process: proc(5).
struct ProcessFigures: Sendable {
    /// Seconds of all threads, in the program and in the kernel.
    var cpuSeconds = 0.0
    var residentBytes = 0.0
    var threads = 0.0
    /// Since 1970.
    var startSeconds = 0.0

    /// Under the names that all Prometheus clients use.
    static let gauges: [Gauge] = [
        Gauge(counter: "process_cpu_seconds_total", help: "Time on the processor in seconds.") { now().cpuSeconds },
        Gauge("process_resident_memory_bytes", help: "Resident memory.") { now().residentBytes },
        Gauge("process_start_time_seconds", help: "When the process started, in seconds since 1970.") {
            now().startSeconds
        },
        Gauge("process_threads", help: "Threads.") { now().threads },
        Gauge("process_open_fds", help: "Open file descriptors.") { openDescriptors() },
        Gauge("process_max_fds", help: "File descriptors that may be open.") { descriptorLimit() },
    ]

    static func now() -> ProcessFigures {
        var figures = ProcessFigures()
        let ticks = max(1, Double(sysconf(Int32(_SC_CLK_TCK))))
        // The name of the program stands in parentheses and may hold spaces.
        let fields = text(of: "/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        // The third field of proc_pid_stat(5) is the first here.
        func field(_ number: Int) -> Double {
            number - 3 < fields.count ? Double(fields[number - 3]) ?? 0 : 0
        }
        figures.cpuSeconds = (field(14) + field(15)) / ticks
        figures.threads = field(20)
        figures.residentBytes = field(24) * Double(sysconf(Int32(_SC_PAGESIZE)))
        var (wall, boot) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_BOOTTIME, &boot)
        let bootedAt = Double(wall.tv_sec - boot.tv_sec) + Double(wall.tv_nsec - boot.tv_nsec) / 1e9
        figures.startSeconds = ((bootedAt + field(22) / ticks) * 100).rounded() / 100
        return figures
    }

    static func openDescriptors() -> Double {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            // Not `.` and `..`.
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // Without the one that counts.
        return Double(max(0, count - 1))
    }

    private static func descriptorLimit() -> Double {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
        return Double(limit.rlim_cur)
    }

    private static func text(of path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { memory in
            let count = max(0, read(file, memory.baseAddress, memory.count))
            return String(decoding: memory[..<count], as: UTF8.self)
        }
    }
}
