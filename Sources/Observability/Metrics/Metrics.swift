/// What the process has counted since its start.
///
/// Everything that can be counted is known when it is made, so that counting finds its cell by arithmetic. A row is the
/// index of the loop that counts; other threads use any number above.
public final class Metrics: Sendable {
    /// What may come of a request, beside its status.
    public struct Outcome: Sendable, Hashable {
        /// What is counted.
        public enum Family: Sendable, Hashable {
            /// Token answers, by grant.
            case tokens
            /// Sign-ins, by what came of them.
            case signIns
        }

        let family: Family
        let label: String

        /// An outcome under its label.
        public init(_ family: Family, _ label: String) {
            self.family = family
            self.label = label
        }
    }

    private let cells: MetricCells
    private let families: [MetricFamily]
    private let requests, durations, lags: MetricFamily
    private let stores: StoreTimes?
    private let routes: Int
    /// The cell of each outcome, by its number; that of none is out of range.
    private let outcomeCells: [Int]
    private let gauges: [Gauge]

    /// The statuses that have a series of their own; others count as 0.
    private static let statuses: [Int] = [
        0, 200, 201, 202, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414,
        415, 417, 422, 429, 431, 500, 501, 502, 503, 504, 505,
    ]
    /// From a status to its place among them.
    private static let places: [UInt8] = (0..<600).map { UInt8(statuses.firstIndex(of: $0) ?? 0) }

    /// Metrics that count nothing yet.
    ///
    /// - Parameters:
    ///   - rows: how many loops count.
    ///   - routes: the patterns of the routes; they are counted by their place.
    ///   - outcomes: what may come of a request; the first has the number 1.
    ///   - stores: what the calls of the store take, counted there.
    ///   - gauges: values that are looked at when somebody asks.
    public init(
        rows: Int, routes: [String], outcomes: [Outcome] = [], stores: StoreTimes? = nil, gauges: [Gauge] = []
    ) {
        self.stores = stores
        self.routes = routes.count
        self.gauges = gauges + ProcessFigures.gauges
        let byRouteAndStatus = routes.flatMap { route in
            Self.statuses.map { status in
                [
                    MetricFamily.Label(name: "route", value: route),
                    MetricFamily.Label(name: "status", value: status == 0 ? "other" : "\(status)"),
                ]
            }
        }
        requests = MetricFamily(
            name: "martlet_requests_total", help: "Requests that were answered.", kind: .counter,
            series: byRouteAndStatus, start: 0, showsZero: false)
        durations = MetricFamily(
            name: "martlet_request_seconds", help: "From the end of a request's header to the written answer.",
            kind: .histogram(.requests), series: routes.map { [MetricFamily.Label(name: "route", value: $0)] },
            start: requests.end, showsZero: false)
        lags = MetricFamily(
            name: "martlet_loop_lag_seconds", help: "How late the event loops call what is due.",
            kind: .histogram(.requests), series: [[]], start: durations.end, showsZero: true)
        let tokens = Self.family(
            "martlet_tokens_total", "Token answers.", "grant", outcomes, .tokens, start: lags.end)
        let signIns = Self.family(
            "martlet_sign_ins_total", "Attempts to sign in.", "outcome", outcomes, .signIns, start: tokens.end)
        outcomeCells = Self.cells(of: outcomes, [.tokens: tokens.start, .signIns: signIns.start])
        families = [requests, durations, lags, tokens, signIns]
        cells = MetricCells(rows: rows + 1, count: signIns.end)
    }

    private static func family(
        _ name: StaticString, _ help: StaticString, _ label: StaticString, _ outcomes: [Outcome],
        _ family: Outcome.Family, start: Int
    ) -> MetricFamily {
        let series = outcomes.filter { $0.family == family }.map { [MetricFamily.Label(name: label, value: $0.label)] }
        return MetricFamily(name: name, help: help, kind: .counter, series: series, start: start, showsZero: true)
    }

    private static func cells(of outcomes: [Outcome], _ starts: [Outcome.Family: Int]) -> [Int] {
        var next = starts
        return [-1]
            + outcomes.map { outcome in
                defer { next[outcome.family, default: 0] += 1 }
                return next[outcome.family, default: -1]
            }
    }

    // MARK: Counting

    /// Counts a request; allocates nothing.
    ///
    /// - Parameters:
    ///   - route: the place of its route.
    ///   - outcome: the number of what came of it, 0 for nothing to count.
    ///   - row: the index of the loop.
    public func countRequest(route: Int, status: Int, microseconds: Int, outcome: Int = 0, row: Int) {
        let route = route >= 0 && route < routes ? route : 0
        let place = status >= 0 && status < Self.places.count ? Int(Self.places[status]) : 0
        cells.add(1, to: requests.start + route * Self.statuses.count + place, row: row)
        durations.observe(microseconds, series: route, row: row, in: cells)
        if outcome > 0, outcome < outcomeCells.count { cells.add(1, to: outcomeCells[outcome], row: row) }
    }

    /// Notes how late a loop was.
    public func observeLoopLag(microseconds: Int, row: Int) {
        lags.observe(microseconds, series: 0, row: row, in: cells)
    }

    // MARK: Showing

    /// All metrics as Prometheus reads them; `text/plain; version=0.0.4; charset=utf-8`.
    public func text() -> [UInt8] {
        var writer = PrometheusWriter()
        render(into: &writer)
        return writer.bytes
    }

    /// All metrics as one JSON document: an array of families, each with its samples.
    public func json() -> [UInt8] {
        var writer = MetricJSONWriter()
        render(into: &writer)
        return writer.end()
    }

    private func render(into writer: inout some MetricWriter) {
        for family in families {
            family.render(cells, into: &writer) { index in
                // Every route is there from the start, with its 200, so that rates have a beginning.
                family.start == requests.start && index % Self.statuses.count == 1
            }
        }
        stores?.render(into: &writer)
        var last = ""
        for gauge in gauges {
            if gauge.name.description != last {
                last = gauge.name.description
                writer.begin(gauge.name, gauge.help, gauge.isCounter ? "counter" : "gauge")
            }
            writer.sample("", gauge.label.map { [$0] } ?? [], number(gauge.read()))
        }
    }
}

/// A number as both formats take it.
private func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    return value.rounded() == value && value.magnitude < 9e15 ? "\(Int64(value))" : "\(value)"
}
