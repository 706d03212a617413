import OAuthTypes
import Synchronization

/// What was fetched from addresses of clients, for a while: strangers choose when it is asked for.
///
/// Each name is fetched by one request at a time and not again while its answer is fresh, also where there was none; few are
/// fetched at once, and few are kept.
final class RemoteCache<Value: Sendable>: Sendable {
    /// What came of a look.
    enum Outcome: Sendable {
        case found(Value)
        case nothing
        /// Too many are being fetched.
        case busy
    }

    private struct Entry {
        var value: Value?
        var isFresh = false
        var freshUntil = Timestamp(microseconds: 0)
        var keptAt = Timestamp(microseconds: 0)
        var isAsking = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private enum Step {
        case use(Value?)
        case ask
        case wait
        case busy
    }

    private let capacity: Int
    private let fetches: Int
    private let clock: any TimeSource
    private let entries = Mutex<[String: Entry]>([:])

    /// A cache of so many values, with so many fetches at once.
    init(capacity: Int, fetches: Int, clock: any TimeSource) {
        self.capacity = capacity
        self.fetches = fetches
        self.clock = clock
    }

    /// The value of a name: as it is kept, or as `fetch` answers it with how long it may be kept.
    func value(
        named name: String, fetch: () async -> (value: Value?, lifetime: Duration)
    ) async -> Outcome {
        while true {
            switch entries.withLock({ step(&$0, name, at: clock.now) }) {
            case .use(let known): return known.map { .found($0) } ?? .nothing
            case .ask:
                let (value, lifetime) = await fetch()
                // Whoever goes away before the answer is there must not make it fail for those who wait.
                let isAborted = value == nil && Task.isCancelled
                keep(value, for: isAborted ? .zero : lifetime, named: name)
                return value.map { .found($0) } ?? .nothing
            case .wait: await wait(for: name)
            case .busy: return .busy
            }
        }
    }

    private func step(_ entries: inout [String: Entry], _ name: String, at now: Timestamp) -> Step {
        if let entry = entries[name] {
            if entry.isAsking { return .wait }
            // A clock that was put back makes nothing last longer.
            if entry.isFresh, entry.keptAt <= now, now < entry.freshUntil { return .use(entry.value) }
        }
        guard entries.values.count(where: \.isAsking) < fetches else { return .busy }
        if entries.count >= capacity { entries = entries.filter { $0.value.isAsking } }
        entries[name, default: Entry()].isAsking = true
        return .ask
    }

    private func keep(_ value: Value?, for lifetime: Duration, named name: String) {
        let now = clock.now
        let waiting = entries.withLock { entries in
            let waiting = entries[name]?.waiting ?? []
            entries[name] = Entry(value: value, isFresh: true, freshUntil: now + lifetime, keptAt: now)
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func wait(for name: String) async {
        await withCheckedContinuation { continuation in
            let isOver = entries.withLock { entries in
                guard entries[name]?.isAsking == true else { return true }
                entries[name]?.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
