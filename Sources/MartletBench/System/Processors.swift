import CLinux
import Glibc

/// The processors that this program may use, and who runs where.
///
/// With two or more, the server and every reference run on the first, the load on the second.
struct Processors {
    /// Their numbers, as far as the kernel lets us use them.
    let allowed: [Int]
    /// The server's, and the load's; nil where nothing is pinned.
    let pinning: (server: Int, load: Int)?

    init(pins: Bool) {
        let allowed = Processors.affinity()
        self.allowed = allowed
        pinning = pins && allowed.count > 1 ? (allowed[0], allowed[1]) : nil
    }

    /// Runs on the processor of the server, then goes back to that of the load.
    ///
    /// Threads and processes that start meanwhile stay there.
    func onServerCore<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let pinning else { return try body() }
        Processors.pin(to: [pinning.server])
        defer { Processors.pin(to: [pinning.load]) }
        return try body()
    }

    /// Runs on all processors; threads and processes that start meanwhile stay so.
    func onAllCores<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let pinning else { return try body() }
        Processors.pin(to: allowed)
        defer { Processors.pin(to: [pinning.load]) }
        return try body()
    }

    /// Takes this thread to the processor of the load.
    func takeLoadCore() {
        if let pinning { Processors.pin(to: [pinning.load]) }
    }

    private static let maskBytes = 128

    private static func affinity() -> [Int] {
        var mask = [UInt8](repeating: 0, count: maskBytes)
        guard sched_getaffinity(0, mask.count, &mask) >= 0 else { return [0] }
        return (0..<maskBytes * 8).filter { mask[$0 / 8] & (1 << ($0 % 8)) != 0 }
    }

    private static func pin(to processors: [Int]) {
        var mask = [UInt8](repeating: 0, count: maskBytes)
        for processor in processors { mask[processor / 8] |= 1 << (processor % 8) }
        _ = setAffinity?(0, mask.count, mask)
    }

    private typealias SetAffinity = @convention(c) (Int32, Int, UnsafeRawPointer) -> Int32

    /// glibc declares it for _GNU_SOURCE only, which the module maps must not define; the library has it in any case.
    private static let setAffinity = dlsym(nil, "sched_setaffinity").map { unsafeBitCast($0, to: SetAffinity.self) }
}
