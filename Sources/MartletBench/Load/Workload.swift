/// What a load generator asks, and what it takes for a good answer.
protocol Workload {
    /// Answers that each send brings: above 1, requests are pipelined.
    var depth: Int { get }

    /// The bytes to send next on a connection, valid until it is asked for that connection again; nil ends its work.
    mutating func request(for connection: Int) -> UnsafeRawBufferPointer?

    /// Judges an answer; a wrong one ends the whole measurement.
    mutating func take(_ answer: Answer, on connection: Int) -> Verdict
}

/// What an answer was.
enum Verdict {
    /// What was expected, and it counts.
    case counts
    /// What was expected, on the way to one that counts.
    case leadsOn
    /// Not what was expected.
    case wrong
}
