import Synchronization

/// The numbers behind all metrics: one block of memory, a row for each thread that counts often.
///
/// Counting is one atomic addition to a row that other threads hardly touch: no lock, no allocation, no line of the cache
/// that cores take from each other. Reading adds the rows up, and may see one of two numbers that belong together.
///
/// `@unchecked Sendable`: the pointer never changes, and everything behind it is atomic.
final class MetricCells: @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let rows: Int
    /// Cells of a row, in whole lines of the cache with one between the rows.
    private let stride: Int
    private let count: Int

    init(rows: Int, count: Int) {
        self.rows = max(1, rows)
        self.count = count
        stride = (count + 7) / 8 * 8 + 8
        cells = .allocate(capacity: self.rows * stride)
        for index in 0..<self.rows * stride { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: rows * stride)
        cells.deallocate()
    }

    /// Adds to a cell; a row that does not exist counts in the last one, a cell that does not exist nowhere.
    @inline(__always)
    func add(_ amount: UInt64, to cell: Int, row: Int) {
        guard cell >= 0, cell < count else { return }
        let row = row >= 0 && row < rows ? row : rows - 1
        (cells + (row * stride + cell)).pointee.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of all rows.
    func total(of cell: Int) -> UInt64 {
        guard cell >= 0, cell < count else { return 0 }
        return (0..<rows).reduce(0) { $0 &+ (cells + ($1 * stride + cell)).pointee.load(ordering: .relaxed) }
    }
}
