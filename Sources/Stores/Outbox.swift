/// How what waits in the stores to be sent is tried again: mails, and what clients are told.
///
/// Whoever sends leases it first, so that no two nodes do; one that dies in between leaves it to the next, which sends it
/// under the same name.
public enum Outbox {
    /// What became of one attempt.
    public enum Outcome: Sendable, Equatable {
        /// It was taken.
        case sent
        /// There is nothing to send any more, such as to an account that is not there.
        case dropped
        /// It was not taken, and is tried again.
        case postponed(String)
        /// It was given up.
        case gaveUp(String)
    }

    /// How long nobody else takes what one has: longer than any way of sending may take.
    public static let lease = Duration.seconds(120)
    /// How often it is tried.
    public static let attempts = 10

    /// How long to wait after so many attempts: 5 seconds, then three times as long each time, an hour at most.
    public static func pause(after attempts: Int) -> Duration {
        .seconds((1..<max(1, min(attempts, 8))).reduce(5) { seconds, _ in min(3600, 3 * seconds) })
    }
}

/// How much waits, and how much was given up.
public struct OutboxFigures: Sendable, Equatable {
    /// What is still to be sent.
    public var waiting: Int
    /// What was given up.
    public var givenUp: Int

    /// Figures.
    public init(waiting: Int, givenUp: Int) {
        self.waiting = waiting
        self.givenUp = givenUp
    }
}
