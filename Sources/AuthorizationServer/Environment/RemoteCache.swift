import OAuthTypes
import Stores
import Synchronization

/// What was fetched from addresses of clients, for a while: strangers choose when it is asked for.
///
/// Each address is fetched by one request at a time and not again while its answer is fresh, also where there was none; few
/// are fetched at once, few of them for one client or from one host, and few are kept. Whoever fills the room left to
/// strangers keeps nobody from what an operator's client needs.
final class RemoteCache<Value: Sendable>: Sendable {
    /// What came of a look.
    enum Outcome: Sendable {
        case found(Value)
        case nothing
        /// Too many are being fetched.
        case busy
    }

    /// What a fetch brought, and for how long that is so.
    enum Answer: Sendable {
        case value(Value, for: Duration)
        case nothing(for: Duration)
        /// It was not asked for want of room: nothing is known of it.
        case unasked
    }

    private struct Entry {
        /// For whom it was asked last.
        var client: ClientID
        var isStrangers: Bool
        let host: String
        var version: String?
        var value: Value?
        var isFresh = false
        var freshUntil = Timestamp(microseconds: 0)
        var keptAt = Timestamp(microseconds: 0)
        var isAsking = false
        var waiting: [CheckedContinuation<Void, Never>] = []

        /// A clock that was put back makes nothing last longer.
        func isGood(at now: Timestamp) -> Bool { isFresh && keptAt <= now && now < freshUntil }

        /// Whether somebody else's site is left alone: what makes us forget that makes us ask there again.
        func isPausing(at now: Timestamp) -> Bool { value == nil && isGood(at: now) }
    }

    private enum Step {
        case use(Value?)
        case ask
        case wait
        case busy
    }

    /// For how long another version of what is at an address is not asked for: versions cost their client nothing.
    static var pauseForVersions: Duration { .seconds(5) }

    private let capacity: Int
    private let fetches: Int
    private let clock: any TimeSource
    private let entries = Mutex<[String: Entry]>([:])

    /// A cache of so many values, with so many fetches at once: half of both for strangers' clients, two fetches for one
    /// client, and two from one host for each of the two parties.
    init(capacity: Int, fetches: Int, clock: any TimeSource) {
        self.capacity = capacity
        self.fetches = fetches
        self.clock = clock
    }

    /// What it holds, and what is being fetched.
    var count: Int { entries.withLock(\.count) }

    /// Fetches at once for one client, and for a party from one host.
    private static var fetchesOfOne: Int { 2 }

    /// What is at an address of a client: as it is kept, or as `fetch` brings it.
    ///
    /// `version` is what the client calls the state of it; another one is fetched anew, but not at once.
    func value(
        at address: WebAddress, version: String? = nil, for client: Client, fetch: () async -> Answer
    ) async -> Outcome {
        while true {
            switch entries.withLock({ step(&$0, address, version, client, at: clock.now) }) {
            case .use(let known): return known.map { .found($0) } ?? .nothing
            case .ask:
                let answer = await fetch()
                // Whoever goes away before the answer is there must not make it fail for those who wait.
                if case .nothing = answer, Task.isCancelled {
                    keep(.unasked, version, at: address)
                    return .nothing
                }
                keep(answer, version, at: address)
                switch answer {
                case .value(let value, _): return .found(value)
                case .nothing: return .nothing
                case .unasked: return .busy
                }
            case .wait: await wait(for: address.rawValue)
            case .busy: return .busy
            }
        }
    }

    private func step(
        _ entries: inout [String: Entry], _ address: WebAddress, _ version: String?, _ client: Client,
        at now: Timestamp
    ) -> Step {
        let name = address.rawValue
        if let entry = entries[name] {
            if entry.isAsking { return .wait }
            let isSame = entry.version == version || now < entry.keptAt + RemoteCache.pauseForVersions
            if isSame, entry.isGood(at: now) { return .use(entry.value) }
        }
        let (host, isStrangers) = (address.host, client.isSelfRegistered)
        let atWork = entries.values.filter(\.isAsking)
        guard atWork.count < fetches,
            atWork.count(where: { $0.host == host && $0.isStrangers == isStrangers }) < RemoteCache.fetchesOfOne,
            atWork.count(where: { $0.client == client.id }) < RemoteCache.fetchesOfOne,
            !isStrangers || atWork.count(where: \.isStrangers) < fetches / 2,
            isRoom(in: &entries, for: name, of: client, at: now)
        else { return .busy }
        var entry = entries[name] ?? Entry(client: client.id, isStrangers: isStrangers, host: host)
        (entry.client, entry.isStrangers) = (client.id, isStrangers)
        entry.isAsking = true
        entries[name] = entry
        return .ask
    }

    /// The oldest makes room; never one that pauses, and no client keeps more of those than an eighth of all.
    ///
    /// Strangers have half of all, within which they make room for each other; for an operator's client theirs go before
    /// they have paused.
    private func isRoom(
        in entries: inout [String: Entry], for name: String, of client: Client, at now: Timestamp
    ) -> Bool {
        if entries[name] != nil { return true }
        let pausing = entries.values.count { $0.client == client.id && $0.isPausing(at: now) }
        guard pausing < max(1, capacity / 8) else { return false }
        let isOver = client.isSelfRegistered && entries.values.count(where: \.isStrangers) >= capacity / 2
        guard isOver || entries.count >= capacity else { return true }
        let idle = entries.filter { !$0.value.isAsking && (!isOver || $0.value.isStrangers) }
        let oldest =
            RemoteCache.oldest(idle.filter { !$0.value.isPausing(at: now) })
            ?? (client.isSelfRegistered ? nil : RemoteCache.oldest(idle.filter(\.value.isStrangers)))
        guard let oldest else { return false }
        entries[oldest] = nil
        return true
    }

    private static func oldest(_ entries: [String: Entry]) -> String? {
        entries.min { ($0.value.keptAt, $0.key) < ($1.value.keptAt, $1.key) }?.key
    }

    private func keep(_ answer: Answer, _ version: String?, at address: WebAddress) {
        let (name, now) = (address.rawValue, clock.now)
        let waiting = entries.withLock { entries in
            let waiting = entries[name]?.waiting ?? []
            entries[name]?.isAsking = false
            entries[name]?.waiting = []
            let (value, lifetime): (Value?, Duration)
            switch answer {
            case .value(let found, let duration): (value, lifetime) = (found, duration)
            case .nothing(let duration): (value, lifetime) = (nil, duration)
            case .unasked:
                // What is known of it stays.
                if entries[name]?.isFresh == false { entries[name] = nil }
                return waiting
            }
            entries[name]?.version = version
            entries[name]?.value = value
            entries[name]?.isFresh = true
            entries[name]?.keptAt = now
            entries[name]?.freshUntil = now + lifetime
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
