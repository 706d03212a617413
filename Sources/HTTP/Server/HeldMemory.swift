/// The bytes that the connections of a loop hold for clients that are slow to send or to read.
///
/// Deadlines end each of them; this bounds what all of them together can make the server hold until then. Requests that
/// come whole and answers that go out at once are never counted.
struct HeldMemory {
    private let limit: Int
    private var total = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether there is more than may be.
    var isExceeded: Bool { total > limit }

    /// Notes how much one connection holds now instead of before.
    mutating func change(from old: Int, to new: Int) {
        total += new - old
    }

    /// Of connections that hold something, which to give up: one that holds its share or more, and of those the one
    /// that has for the longest, so that whoever came last does not pay for whoever waits on purpose.
    ///
    /// Not by their deadlines: those of one turn of the loop are the same.
    func victim(among connections: some Sequence<ServerConnection>) -> ServerConnection? {
        let holders = connections.filter { $0.held > 0 }
        let share = total / max(1, holders.count)
        return holders.filter { $0.held >= share }.min { $0.heldSince < $1.heldSince }
    }
}
