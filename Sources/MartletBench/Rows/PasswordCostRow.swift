import CArgon2
import Glibc

/// How long Argon2id takes at each setting that people choose, and how many cores 200 sign-ins a second need then.
enum PasswordCostRow {
    /// Memory in KiB, passes, lanes: RFC 9106 §4 names the first two, OWASP's cheat sheet the last two.
    private static let settings: [(memory: UInt32, passes: UInt32, lanes: UInt32)] = [
        (2 * 1024 * 1024, 1, 4), (64 * 1024, 3, 4), (64 * 1024, 3, 2), (46 * 1024, 1, 1), (19 * 1024, 2, 1),
    ]
    private static let signIns = 200.0

    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try bench.processors.onAllCores {
            for setting in settings.dropFirst(bench.options.isQuick ? 1 : 0) {
                let times = try (0..<(bench.options.isQuick ? 3 : 5)).map { _ in try time(of: setting) }
                let cost = Figure(times, .seconds)
                let cores = Int((cost.median * signIns).rounded(.up))
                report.notes.append(
                    Format.padded("m=\(setting.memory),t=\(setting.passes),p=\(setting.lanes)", to: 20)
                        + "\(Format.milliseconds(cost.median * 1000)) of processor time, \(cores) cores for "
                        + "\(Int(signIns)) sign-ins a second, "
                        + "\(Format.bytes(Double(setting.memory) * 1024)) of memory for each at a time")
                if setting == (64 * 1024, 3, 2) { report.add(.perHash, cost, "by default, in processor time") }
            }
        }
    }

    /// Processor time of all lanes together, in seconds.
    private static func time(of setting: (memory: UInt32, passes: UInt32, lanes: UInt32)) throws -> Double {
        let (password, salt) = (Array("correct horse battery staple".utf8), [UInt8](repeating: 7, count: 16))
        var output = [UInt8](repeating: 0, count: 32)
        let before = Rate.processorTime(of: CLOCK_PROCESS_CPUTIME_ID)
        let code = argon2id_hash_raw(
            setting.passes, setting.memory, setting.lanes, password, password.count, salt, salt.count, &output,
            output.count)
        guard code == ARGON2_OK.rawValue else {
            throw BenchFailure("Argon2id: " + String(cString: argon2_error_message(code)))
        }
        return Rate.processorTime(of: CLOCK_PROCESS_CPUTIME_ID) - before
    }
}
