import Glibc

/// What the counter that is preloaded into a server has counted: `Tests/Allocations/counter.c`.
struct AllocationCounts {
    /// Pieces of the heap that were asked for, and their bytes.
    struct Sum {
        let pieces: UInt64
        let bytes: UInt64
    }

    private let library: String
    private let path: String
    private let file: Int32

    /// Makes the file with the counts; it is closed with this program.
    init(library: String, folder: String) throws {
        guard let full = realpath(library, nil) else { throw BenchFailure.call(library) }
        self.library = String(cString: full)
        free(full)
        path = folder + "/allocations"
        file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, 16) == 0 else { throw BenchFailure.call(path) }
    }

    /// What makes a server count.
    var environment: [String] { ["LD_PRELOAD=\(library)", "ALLOCATION_COUNTS=\(path)"] }

    /// The counts up to now.
    func now() throws -> Sum {
        var numbers: (UInt64, UInt64) = (0, 0)
        let count = withUnsafeMutableBytes(of: &numbers) { pread(file, $0.baseAddress, $0.count, 0) }
        guard count == 16 else { throw BenchFailure.call(path) }
        return Sum(pieces: numbers.0, bytes: numbers.1)
    }
}
