public import OAuthTypes
public import Stores

/// Reads the chain out of a store, from its beginning or from a moment, page by page: events in their order, each
/// checkpoint behind the event that it names.
public struct AuditReading: Sendable {
    private let store: any AuditStore

    /// Events read at a time, so that writers have their turns in between.
    private static let page = 500

    /// A reading of a store.
    public init(_ store: any AuditStore) {
        self.store = store
    }

    /// Gives each line to `body`, and answers the place of the last event.
    ///
    /// Where older events are gone, or `since` leaves them out, the checkpoint before the first one comes first: from it
    /// the chain is verified.
    @discardableResult
    public func lines(since moment: Timestamp? = nil, body: (AuditLine) async throws -> Void) async throws -> Int64 {
        // What is signed from now on may be of events that are not read any more.
        let newest = try await store.checkpoint(through: .max)?.sequence ?? 0
        var last = try await beginning(since: moment)
        // The one of that very place is the first.
        var checkpoints = Pages(store: store, newest: newest, last: last - 1)
        if let anchor = try await checkpoints.take(through: last) { try await body(.checkpoint(anchor)) }
        while true {
            let events = try await store.list(after: last, limit: AuditReading.page)
            for event in events {
                while let checkpoint = try await checkpoints.take(through: event.link.sequence - 1) {
                    try await body(.checkpoint(checkpoint))
                }
                try await body(.event(event))
                last = event.link.sequence
                if let checkpoint = try await checkpoints.take(through: last) {
                    try await body(.checkpoint(checkpoint))
                }
            }
            guard events.count == AuditReading.page else { break }
        }
        // Of events that are gone.
        while let checkpoint = try await checkpoints.take(through: .max) { try await body(.checkpoint(checkpoint)) }
        return last
    }

    /// The place behind which to begin.
    private func beginning(since moment: Timestamp?) async throws -> Int64 {
        let first = try await store.list(after: 0, limit: 1).first?.link.sequence ?? 1
        if let moment, let place = try await store.place(before: moment),
            let anchor = try await store.checkpoint(signedBefore: moment, through: place)?.sequence,
            anchor >= first - 1
        {
            return anchor
        }
        guard first > 1 else { return 0 }
        // Events before that checkpoint are about to go: they were being removed a moment ago.
        return try await store.checkpoints(after: first - 2, limit: 1).first?.sequence ?? 0
    }

    /// The checkpoints one by one, read as they are needed.
    private struct Pages {
        let store: any AuditStore
        let newest: Int64
        var last: Int64
        var waiting: ArraySlice<AuditCheckpoint> = []

        /// The next one, if it is of that place or one before it.
        mutating func take(through place: Int64) async throws -> AuditCheckpoint? {
            if waiting.isEmpty, last < newest {
                waiting = try await store.checkpoints(after: last, limit: AuditReading.page)[...]
                last = waiting.last?.sequence ?? newest
            }
            guard let next = waiting.first, next.sequence <= place, next.sequence <= newest else { return nil }
            waiting.removeFirst()
            return next
        }
    }
}

extension AuditStore {
    /// The last checkpoint up to a place that was signed before a moment.
    ///
    /// Events are named by the clocks of whoever wrote them, and one whose clock was far behind has a new place with an old
    /// name: what the node on duty has signed tells better what came before a moment.
    func checkpoint(signedBefore moment: Timestamp, through place: Int64) async throws -> AuditCheckpoint? {
        var place = place
        while let checkpoint = try await checkpoint(through: place) {
            if let seal = try? AuditSeal(checkpoint: checkpoint), seal.at < moment { return checkpoint }
            place = checkpoint.sequence - 1
        }
        return nil
    }
}
