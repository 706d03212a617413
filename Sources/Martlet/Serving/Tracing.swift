import HTTP
import Observability
import Reactor

/// Sends spans to the operator's collector; there is one only where the operator has named a collector.
struct Tracing: Sendable {
    private let settings: TraceSettings
    private let exporter: TraceExporter
    private let client: OutgoingClient

    /// How long spans gather, in nanoseconds.
    private static let pause: UInt64 = 5_000_000_000
    /// What the collector may take for one body.
    private static let patience = Duration.seconds(10)

    init(_ settings: TraceSettings) throws {
        self.settings = settings
        exporter = TraceExporter(ratio: Double(settings.percent) / 100)
        client = try OutgoingClient()
    }

    /// Makes a span of a request if it is one of those that are sent.
    func note(_ record: borrowing AccessRecord, route: String) {
        // A stranger may name a trace, but not decide how much we record.
        let decision = record.isFromTrustedProxy ? record.trace?.isSampled : nil
        guard exporter.takes(record.id.key, decision: decision) else { return }
        exporter.add(
            TraceSpan(
                trace: record.trace?.trace,
                parent: record.trace?.parent,
                method: record.method.isKnown ? record.method.text : "_OTHER",
                route: route,
                status: Int(record.status.rawValue),
                microseconds: record.microseconds
            )
        )
    }

    /// Spans that nobody got.
    var gauge: Gauge {
        Gauge("martlet_spans_dropped", help: "Spans that the collector did not get.") { Double(exporter.dropped) }
    }

    /// Sends until cancelled, and then what is left.
    func run(on loop: EventLoop) async {
        await exporter.run(
            pause: { try await loop.sleep(until: Deadline.now.advanced(byNanoseconds: Tracing.pause)) },
            send: { body in
                // Not cancelled with the server: the last spans are those that tell why it stopped.
                await Task { await send(body) }.value
            }
        )
        await client.stop()
    }

    private func send(_ body: [UInt8]) async -> Bool {
        let request = OutgoingRequest(
            .post, settings.address, to: settings.isPlain ? .configuredPlain : .configured,
            by: .after(Tracing.patience), headers: ["Content-Type": "application/json"], body: body)
        guard let answer = try? await client.send(request) else { return false }
        return (200...299).contains(answer.status.rawValue)
    }
}
