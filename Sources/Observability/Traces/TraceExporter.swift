import Synchronization

/// Sends some of the requests as spans to a collector: OTLP/HTTP in JSON.
///
/// Taking a span is one lock and one append; when the collector is slow or away, spans are dropped and counted. Nothing
/// waits for it.
public final class TraceExporter: Sendable {
    private struct State {
        var spans: [TraceSpan] = []
        var dropped = 0
    }

    private let state = Mutex(State())
    private let threshold: UInt64
    private let capacity: Int
    private let service: String

    /// Spans of one body.
    private static let batch = 256

    /// An exporter that has nothing yet.
    ///
    /// - Parameters:
    ///   - ratio: which part of the requests becomes spans, 0 to 1.
    ///   - service: `service.name` of the resource.
    ///   - capacity: spans that may wait.
    public init(ratio: Double, service: String = "martlet", capacity: Int = 2048) {
        // A number that is none counts as 0.
        let part = ratio > 0 ? min(ratio, 1) : 0
        threshold = part >= 1 ? .max : UInt64(part * 18_446_744_073_709_551_616)
        self.capacity = capacity
        self.service = service
    }

    /// Whether a request becomes a span.
    ///
    /// - Parameters:
    ///   - key: a number of the request, which need not look random.
    ///   - decision: what a caller whose word counts has decided for the whole trace.
    public func takes(_ key: UInt64, decision: Bool?) -> Bool {
        if let decision { return decision && threshold > 0 }
        guard threshold < .max else { return true }
        // SplitMix64: neighbours become strangers.
        var mixed = key
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31 < threshold
    }

    /// Takes a span, or drops it when there is no room.
    public func add(_ span: TraceSpan) {
        state.withLock { state in
            guard state.spans.count < capacity else {
                state.dropped += 1
                return
            }
            state.spans.append(span)
        }
    }

    /// Spans that were dropped or that the collector did not take.
    public var dropped: Int { state.withLock { $0.dropped } }

    /// Sends what has come, again and again, until `pause` throws; then once more.
    ///
    /// - Parameters:
    ///   - pause: waits for the next turn.
    ///   - send: sends a body to the collector; false if it was not taken.
    public func run(pause: () async throws -> Void, send: ([UInt8]) async -> Bool) async {
        var isOver = false
        while !isOver {
            do {
                try await pause()
            } catch {
                isOver = true
            }
            var isTaken = true
            while isTaken, let spans = next() {
                isTaken = await send(SpanJSON.body(spans, service: service))
                // Not again: what failed once would fail again, and new spans need the room.
                if !isTaken { state.withLock { $0.dropped += spans.count } }
            }
        }
    }

    private func next() -> [TraceSpan]? {
        state.withLock { state in
            guard !state.spans.isEmpty else { return nil }
            let batch = Array(state.spans.prefix(Self.batch))
            state.spans.removeFirst(batch.count)
            return batch
        }
    }
}
