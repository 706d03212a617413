import Glibc

/// How long the processors were busy up to a moment, in seconds: all of them for anybody, for one process, and for us.
struct ProcessorTime {
    let machine: Double
    let server: Double
    let load: Double
    let moment: UInt64

    init(of server: pid_t?) {
        machine = ProcessorTime.machineTime()
        self.server = server.map(ProcessorTime.processTime) ?? 0
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        load = ProcessorTime.seconds(usage.ru_utime) + ProcessorTime.seconds(usage.ru_stime)
        moment = Monotonic.now
    }

    /// The shares of one processor that were used since an earlier moment.
    struct Shares {
        let server: Double
        let load: Double
        /// What neither the server nor we used: other programs disturb the figures.
        let others: Double
    }

    func shares(since start: ProcessorTime) -> Shares {
        let elapsed = max(1e-9, Double(moment - start.moment) / 1e9)
        let server = (server - start.server) / elapsed
        let load = (load - start.load) / elapsed
        return Shares(server: server, load: load, others: max(0, (machine - start.machine) / elapsed - server - load))
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// User, nice, system, interrupts and what the hypervisor kept for others.
    private static func machineTime() -> Double {
        let line = FileText.read("/proc/stat")?.split(separator: "\n").first ?? ""
        let fields = line.split(separator: " ").dropFirst().map { Double($0) ?? 0 }
        guard fields.count >= 8 else { return 0 }
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) / ticks
    }

    private static func processTime(_ id: pid_t) -> Double {
        var clock = clockid_t()
        return clock_getcpuclockid(id, &clock) == 0 ? Rate.processorTime(of: clock) : 0
    }
}
