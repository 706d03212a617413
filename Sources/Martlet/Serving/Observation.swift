import HTTP
import OAuthTypes
import Observability
import Reactor
import Web

/// What is seen of the server while it serves: its log, its metrics.
struct Observation: Sendable {
    private let log: Log
    private let metrics: Metrics
    /// Nil where the operator has named no collector.
    private let tracing: Tracing?
    private let group: EventLoopGroup
    private let patterns: [String]
    private let refusals = RefusalLog()

    /// How often the loops are asked how late they are.
    private static let lagPeriod: UInt64 = 500_000_000

    init(
        _ log: Log, _ site: Site, _ group: EventLoopGroup, traces: TraceSettings?, stores: StoreTimes,
        gauges: [Gauge]
    ) throws {
        self.log = log
        tracing = try traces.map { try Tracing($0) }
        self.group = group
        patterns = site.routePatterns
        metrics = Metrics(
            rows: group.loops.count,
            routes: patterns,
            outcomes: RequestOutcome.all.map { outcome in
                switch outcome {
                case .issued(let grant): Metrics.Outcome(.tokens, grant.rawValue)
                case .signIn(let end): Metrics.Outcome(.signIns, end.rawValue)
                }
            },
            stores: stores,
            gauges: gauges + (tracing.map { [$0.gauge] } ?? [])
        )
    }

    /// Takes note of an answered request.
    func note(_ record: borrowing AccessRecord) {
        let route = Int(record.notes.route)
        metrics.countRequest(
            route: route,
            status: Int(record.status.rawValue),
            microseconds: record.microseconds,
            outcome: Int(record.notes.outcome),
            row: EventLoop.current?.index ?? .max
        )
        // One line for all of a second: a line for each would cost more than the refusal.
        guard !record.notes.isRefusedForLoad else { return refusals.count(in: log) }
        if let tracing { tracing.note(record, route: route < patterns.count ? patterns[route] : "-") }
        guard log.level <= .info else { return }
        log.access(
            id: record.id.description,
            method: record.method.text,
            path: record.path,
            status: Int(record.status.rawValue),
            bytes: record.bytes,
            microseconds: record.microseconds,
            peer: record.peer.description,
            route: route > 0 && route < patterns.count ? patterns[route] : nil,
            client: record.notes.client,
            trace: record.trace?.trace
        )
    }

    /// The metrics for operators: Prometheus text, or JSON for who asks for it.
    var routes: [Route] {
        [
            Route(.get, "/metrics") { [metrics] request in
                let wantsJSON = request.headers["Accept"]?.contains("application/json") ?? false
                var response =
                    wantsJSON
                    ? Response.json(metrics.json())
                    : Response(
                        .ok, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                        body: .bytes(metrics.text()))
                response.headers.set("Cache-Control", "no-store")
                return response
            }
        ]
    }

    /// Sends spans until cancelled; returns at once where there is nobody to send them to.
    func sendTraces() async { await tracing?.run(on: group.loops[0]) }

    /// Asks the loops again and again how late they are, until cancelled.
    func watchLoops() async {
        await withDiscardingTaskGroup { tasks in
            for loop in group.loops {
                tasks.addTask(executorPreference: loop) { [metrics] in
                    while true {
                        let due = Deadline.now.advanced(byNanoseconds: Self.lagPeriod)
                        guard (try? await loop.sleep(until: due)) != nil else { return }
                        let late = Deadline.now.nanoseconds - min(due.nanoseconds, Deadline.now.nanoseconds)
                        metrics.observeLoopLag(microseconds: Int(clamping: late / 1000), row: loop.index)
                    }
                }
            }
        }
    }
}
