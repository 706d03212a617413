/// How often something was done, in which time, and what of the processors that took.
struct Measurement: Sendable, Equatable {
    let count: Int
    let elapsed: Duration
    /// Of all processors together.
    let processorTime: Duration

    /// Seconds of the clock for each.
    var secondsEach: Double { elapsed / .seconds(1) / Double(max(1, count)) }
    /// Seconds of a processor for each.
    var processorSecondsEach: Double { processorTime / .seconds(1) / Double(max(1, count)) }
}
