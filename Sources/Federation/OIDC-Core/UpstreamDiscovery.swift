import OAuthTypes
import Reactor

/// What a provider says of itself, kept for an hour: OpenID Connect Discovery §4.
///
/// One asks at a time, and whoever needs it meanwhile waits for the same answer. What is wrong with a document counts for
/// ten seconds, so that nobody makes us ask for it over and over; a provider that does not answer is the circuit's to rest.
final class UpstreamDiscovery: Sendable {
    private typealias Answer = Result<UpstreamMetadata, UpstreamFault>

    private struct State {
        var known: (metadata: UpstreamMetadata, readAt: Timestamp)?
        var fault: (fault: UpstreamFault, at: Timestamp)?
        var isAsking = false
        var waiting: [UInt64: CheckedContinuation<Answer?, Never>] = [:]
        var nextNumber: UInt64 = 0
    }

    private enum Step {
        case use(Answer)
        case ask
        case wait
    }

    /// How long a document counts.
    static let lifetime = Duration.seconds(3600)
    /// How long what is wrong with one counts.
    static let faultLifetime = Duration.seconds(10)

    private let state = Locked(State())

    /// The last document, of whatever age; nil before the first.
    var known: UpstreamMetadata? { state.withLock { $0.known?.metadata } }

    /// How many wait for the one who asks.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// The document, or what `fetch` gets.
    func metadata(
        at now: Timestamp, _ fetch: () async throws(UpstreamFault) -> UpstreamMetadata
    ) async throws(UpstreamFault) -> UpstreamMetadata {
        while true {
            switch state.withLock({ UpstreamDiscovery.step(&$0, now) }) {
            case .use(let answer): return try answer.get()
            case .ask: return try await ask(at: now, fetch)
            case .wait:
                if let answer = await wait() { return try answer.get() }
                // Who asked has gone away: somebody else must.
                guard !Task.isCancelled else { throw .unavailable(.cancelled) }
            }
        }
    }

    private static func step(_ state: inout State, _ now: Timestamp) -> Step {
        if let known = state.known, now - known.readAt < lifetime { return .use(.success(known.metadata)) }
        if let fault = state.fault, now - fault.at < faultLifetime { return .use(.failure(fault.fault)) }
        guard state.isAsking else {
            state.isAsking = true
            return .ask
        }
        // An old one does while somebody asks for the new.
        return state.known.map { .use(.success($0.metadata)) } ?? .wait
    }

    private func ask(
        at now: Timestamp, _ fetch: () async throws(UpstreamFault) -> UpstreamMetadata
    ) async throws(UpstreamFault) -> UpstreamMetadata {
        let answer: Answer
        do throws(UpstreamFault) {
            answer = .success(try await fetch())
        } catch {
            answer = .failure(error)
        }
        let isOver = Task.isCancelled || answer == .failure(.unavailable(.cancelled))
        let (waiting, used) = state.withLock { state in
            state.isAsking = false
            var used = answer
            switch answer {
            case .success(let metadata): (state.known, state.fault) = ((metadata, now), nil)
            case .failure(.unavailable):
                // An old one does where the provider is merely slow to tell of itself.
                if let known = state.known { used = .success(known.metadata) }
            case .failure(let fault): state.fault = (fault, now)
            }
            defer { state.waiting = [:] }
            return (Array(state.waiting.values), used)
        }
        for continuation in waiting { continuation.resume(returning: isOver ? nil : used) }
        return try used.get()
    }

    /// Waits for who asks; nil where they have gone away, or this task has.
    private func wait() async -> Answer? {
        let number = state.withLock { state in
            state.nextNumber &+= 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    // Over, or cancelled, before this: nobody would look for it.
                    guard state.isAsking, !Task.isCancelled else { return false }
                    state.waiting[number] = continuation
                    return true
                }
                if !isWaiting { continuation.resume(returning: nil) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }
}
