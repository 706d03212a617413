/// Metrics of one name, told apart by labels: Prometheus exposition format 0.0.4.
struct MetricFamily: Sendable {
    enum Kind: Sendable {
        case counter
        /// Seconds, counted in microseconds.
        case histogram(Scale)
    }

    /// What the buckets of a histogram are made for.
    enum Scale: Sendable {
        /// Half a millisecond to ten seconds.
        case requests
        /// Ten microseconds to five seconds: a read of SQLite takes a few of them.
        case stores
    }

    let name: StaticString
    let help: StaticString
    let kind: Kind
    /// The labels of each series, name and value.
    let series: [[Label]]
    /// The cell of the first series.
    let start: Int
    /// Whether series that never counted are shown.
    let showsZero: Bool

    struct Label: Sendable {
        let name: StaticString
        let value: String
    }

    /// Upper bounds of the buckets in microseconds; one without a bound follows.
    static let requestBounds: InlineArray<14, UInt64> = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]
    /// Likewise; as many.
    static let storeBounds: InlineArray<14, UInt64> = [
        10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 100_000, 500_000, 5_000_000,
    ]
    /// Buckets with a bound.
    static let boundCount = requestBounds.count
    /// Cells of a histogram: its buckets and the sum.
    static let histogramCells = boundCount + 2

    var cellsPerSeries: Int {
        switch kind {
        case .counter: 1
        case .histogram: Self.histogramCells
        }
    }

    /// The cell behind the last one.
    var end: Int { start + series.count * cellsPerSeries }

    /// The bound of a bucket in microseconds; `index` is below `boundCount`.
    static func bound(_ index: Int, of scale: Scale) -> UInt64 {
        switch scale {
        case .requests: requestBounds[index]
        case .stores: storeBounds[index]
        }
    }

    /// Counts a duration; allocates nothing.
    @inline(__always)
    func observe(_ microseconds: Int, series: Int, row: Int, in cells: MetricCells) {
        guard case .histogram(let scale) = kind else { return }
        let duration = UInt64(max(0, microseconds))
        var bucket = 0
        while bucket < Self.boundCount, duration > Self.bound(bucket, of: scale) { bucket += 1 }
        let first = start + series * Self.histogramCells
        cells.add(1, to: first + bucket, row: row)
        cells.add(duration, to: first + Self.boundCount + 1, row: row)
    }
}

/// A value that is looked at when somebody asks.
public struct Gauge: Sendable {
    let name: StaticString
    let help: StaticString
    let label: MetricFamily.Label?
    let isCounter: Bool
    let read: @Sendable () -> Double

    /// A value under a name of Prometheus, told apart from others of that name by a label.
    ///
    /// Those of one name must follow each other. `read` is called on a loop: it must be quick.
    public init(
        _ name: StaticString, help: StaticString, label: (name: StaticString, value: String)? = nil,
        read: @escaping @Sendable () -> Double
    ) {
        self.name = name
        self.help = help
        self.label = label.map { MetricFamily.Label(name: $0.name, value: $0.value) }
        isCounter = false
        self.read = read
    }

    /// A value that only grows.
    init(counter name: StaticString, help: StaticString, read: @escaping @Sendable () -> Double) {
        self.name = name
        self.help = help
        label = nil
        isCounter = true
        self.read = read
    }
}
