/// What was measured several times: the median counts, and how far the rounds lie apart is shown.
struct Figure {
    let samples: [Double]
    let unit: Unit

    enum Unit: String {
        case perSecond = "1/s"
        case ratio = "ratio"
        case seconds = "s"
        case bytes = "bytes"
        case microseconds = "µs"
        /// Of the heap.
        case pieces = "allocations"
    }

    init(_ samples: [Double], _ unit: Unit) {
        self.samples = samples.sorted()
        self.unit = unit
    }

    var median: Double {
        guard !samples.isEmpty else { return 0 }
        let middle = samples.count / 2
        return samples.count % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2
    }

    /// Half the distance from the least to the most, as a share of the median.
    var spread: Double {
        guard let least = samples.first, let most = samples.last, median != 0 else { return 0 }
        return (most - least) / 2 / abs(median)
    }

    var text: String { Format.value(median, unit) }
    var textWithSpread: String { samples.count > 1 ? text + " ±" + Format.percent(spread) : text }
}
