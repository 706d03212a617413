/// Metrics of one name, told apart by labels: Prometheus exposition format 0.0.4.
struct MetricFamily: Sendable {
    enum Kind: Sendable {
        case counter
        /// Seconds, counted in microseconds.
        case histogram
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
    static let bounds: InlineArray<14, UInt64> = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]
    /// Cells of a histogram: its buckets and the sum.
    static let histogramCells = bounds.count + 2

    var cellsPerSeries: Int {
        switch kind {
        case .counter: 1
        case .histogram: Self.histogramCells
        }
    }

    /// The cell behind the last one.
    var end: Int { start + series.count * cellsPerSeries }

    /// The cell in which a duration counts, from the first of its series.
    static func bucket(_ microseconds: UInt64) -> Int {
        var index = 0
        while index < bounds.count, microseconds > bounds[index] { index += 1 }
        return index
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
