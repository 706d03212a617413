/// What the calls of the store have taken since the start, by operation.
///
/// Made before the `Metrics` that show it: the store is opened before anybody knows the routes.
public final class StoreTimes: Sendable {
    private let cells: MetricCells
    private let family: MetricFamily

    /// Times of these operations, which are counted by their place.
    ///
    /// `rows` is how many loops count.
    public init(rows: Int, operations: [String]) {
        family = MetricFamily(
            name: "martlet_store_seconds", help: "What the store takes for an operation, waiting included.",
            kind: .histogram(.stores),
            series: operations.map { [MetricFamily.Label(name: "operation", value: $0)] }, start: 0, showsZero: false)
        cells = MetricCells(rows: rows + 1, count: family.end)
    }

    /// Notes what an operation took; allocates nothing.
    ///
    /// `row` is the index of the loop.
    public func observe(_ operation: Int, microseconds: Int, row: Int) {
        guard operation >= 0, operation < family.series.count else { return }
        family.observe(microseconds, series: operation, row: row, in: cells)
    }

    func render(into writer: inout some MetricWriter) { family.render(cells, into: &writer) }
}
