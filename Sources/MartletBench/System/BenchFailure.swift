import Glibc

/// Why a row has no number, or why nothing could be measured at all.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// A system call that failed, with what the kernel says.
    static func call(_ name: String) -> BenchFailure {
        BenchFailure("\(name): " + String(cString: strerror(errno)))
    }
}
