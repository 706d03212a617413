extension MetricFamily {
    /// Writes the series that have counted something; all of them where zeros are shown, and those that `isAlways` names.
    func render(
        _ cells: MetricCells, into writer: inout some MetricWriter, isAlways: (Int) -> Bool = { _ in false }
    ) {
        let shown = series.indices.filter { showsZero || isAlways($0) || count(cells, $0) > 0 }
        guard !shown.isEmpty else { return }
        switch kind {
        case .counter:
            writer.begin(name, help, "counter")
            for index in shown { writer.sample("", series[index], "\(cells.total(of: start + index))") }
        case .histogram(let scale):
            writer.begin(name, help, "histogram")
            for index in shown { render(cells, index, scale, into: &writer) }
        }
    }

    private func count(_ cells: MetricCells, _ index: Int) -> UInt64 {
        let first = start + index * cellsPerSeries
        return (first..<first + max(1, cellsPerSeries - 1)).reduce(0) { $0 &+ cells.total(of: $1) }
    }

    private func render(_ cells: MetricCells, _ index: Int, _ scale: Scale, into writer: inout some MetricWriter) {
        let (labels, first) = (series[index], start + index * Self.histogramCells)
        var count: UInt64 = 0
        for bucket in 0...Self.boundCount {
            count &+= cells.total(of: first + bucket)
            let bound = bucket < Self.boundCount ? seconds(Self.bound(bucket, of: scale)) : "+Inf"
            writer.sample("_bucket", labels + [Label(name: "le", value: bound)], "\(count)")
        }
        writer.sample("_sum", labels, seconds(cells.total(of: first + Self.boundCount + 1)))
        writer.sample("_count", labels, "\(count)")
    }
}

/// Microseconds as seconds, exactly, without zeros at the end.
private func seconds(_ microseconds: UInt64) -> String {
    let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    guard rest > 0 else { return "\(whole)" }
    var digits = "\(1_000_000 + rest)".dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
}
