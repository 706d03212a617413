internal import Reactor

/// The connections that a full loop can do without: first those between two requests, then those whose request is not
/// whole; among equals, whichever has waited longest.
///
/// One look at all connections serves until it is used up, so that a flood of newcomers does not cost a look each. Who
/// begins to wait meanwhile has waited for less time than all that were found.
struct SpareConnections {
    struct Rank: Equatable {
        let isInsideRequest: Bool
        let waitsSince: Deadline

        /// Whether this one goes first.
        func precedes(_ other: Rank) -> Bool {
            isInsideRequest == other.isInsideRequest ? waitsSince < other.waitsSince : other.isInsideRequest
        }
    }

    /// Best last; by identity, as those that end meanwhile shall not stay in memory.
    private var found: [(id: ObjectIdentifier, rank: Rank)] = []
    private var nextLook = Deadline.now

    /// How long not to look again where all were being answered, in nanoseconds.
    private static let pause: UInt64 = 50_000_000

    /// The one to give up; `nil` if each of them is being answered.
    mutating func next(of connections: [ObjectIdentifier: ServerConnection], at now: Deadline) -> ServerConnection? {
        if let connection = takeLast(connections) { return connection }
        guard now >= nextLook else { return nil }
        found = connections.compactMap { id, connection in connection.spareness.map { (id, $0) } }
        found.sort { $1.rank.precedes($0.rank) }
        if found.isEmpty { nextLook = now.advanced(byNanoseconds: Self.pause) }
        return takeLast(connections)
    }

    private mutating func takeLast(_ connections: [ObjectIdentifier: ServerConnection]) -> ServerConnection? {
        while let (id, rank) = found.popLast() {
            // Whoever has had something to do since is not idle any more.
            if let connection = connections[id], connection.spareness == rank { return connection }
        }
        return nil
    }
}
