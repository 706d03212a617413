import JSON
import Testing

@testable import Observability

@Suite("Metrics")
struct MetricsTests {
    private static let outcomes = [
        Metrics.Outcome(.tokens, "authorization_code"), Metrics.Outcome(.signIns, "succeeded"),
        Metrics.Outcome(.tokens, "refresh_token"),
    ]

    private static func lines(_ metrics: Metrics) -> [String] {
        String(decoding: metrics.text(), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func countsByRouteAndStatusOverAllRows() {
        let metrics = Metrics(rows: 2, routes: ["-", "/token", "/a\"b\\c"])
        for row in [0, 1, 2, 7, -1] {
            metrics.countRequest(route: 1, status: 200, microseconds: 100, row: row)
        }
        metrics.countRequest(route: 1, status: 401, microseconds: 100, row: 0)
        metrics.countRequest(route: 2, status: 799, microseconds: 100, row: 0)
        metrics.countRequest(route: 99, status: -5, microseconds: -100, row: 0)
        let lines = Self.lines(metrics)
        #expect(lines.contains(#"martlet_requests_total{route="/token",status="200"} 5"#))
        #expect(lines.contains(#"martlet_requests_total{route="/token",status="401"} 1"#))
        #expect(lines.contains(#"martlet_requests_total{route="/a\"b\\c",status="other"} 1"#))
        #expect(lines.contains(#"martlet_requests_total{route="-",status="other"} 1"#))
        #expect(!lines.contains { $0.contains(#"status="500""#) })
    }

    @Test func histogramsAreCumulativeAndExact() {
        let metrics = Metrics(rows: 1, routes: ["-", "/token"])
        for microseconds in [0, 500, 501, 1000, 2_000_000, 10_000_000, 10_000_001] {
            metrics.countRequest(route: 1, status: 200, microseconds: microseconds, row: 0)
        }
        let lines = Self.lines(metrics).filter { $0.hasPrefix("martlet_request_seconds") }
        func value(_ name: String) -> String? {
            lines.first { $0.hasPrefix("martlet_request_seconds\(name) ") }?.split(separator: " ").last.map(String.init)
        }
        #expect(value(#"_bucket{route="/token",le="0.0005"}"#) == "2")
        #expect(value(#"_bucket{route="/token",le="0.001"}"#) == "4")
        #expect(value(#"_bucket{route="/token",le="1"}"#) == "4")
        #expect(value(#"_bucket{route="/token",le="2.5"}"#) == "5")
        #expect(value(#"_bucket{route="/token",le="10"}"#) == "6")
        #expect(value(#"_bucket{route="/token",le="+Inf"}"#) == "7")
        #expect(value(#"_sum{route="/token"}"#) == "22.002002")
        #expect(value(#"_count{route="/token"}"#) == "7")
    }

    @Test func outcomesCountInTheirFamilies() {
        let metrics = Metrics(rows: 1, routes: ["-"], outcomes: Self.outcomes)
        for outcome in [1, 3, 3, 2, 0, 4, -1] {
            metrics.countRequest(route: 0, status: 200, microseconds: 1, outcome: outcome, row: 0)
        }
        let lines = Self.lines(metrics)
        #expect(lines.contains(#"martlet_tokens_total{grant="authorization_code"} 1"#))
        #expect(lines.contains(#"martlet_tokens_total{grant="refresh_token"} 2"#))
        #expect(lines.contains(#"martlet_sign_ins_total{outcome="succeeded"} 1"#))
        #expect(lines.contains("# TYPE martlet_sign_ins_total counter"))
    }

    @Test func lagsAreObserved() {
        let metrics = Metrics(rows: 1, routes: ["-"])
        metrics.observeLoopLag(microseconds: 1500, row: 0)
        let lines = Self.lines(metrics)
        #expect(lines.contains("martlet_loop_lag_seconds_sum 0.0015"))
        #expect(lines.contains("martlet_loop_lag_seconds_count 1"))
    }

    @Test func storeOperationsAreTimedByName() {
        let times = StoreTimes(rows: 2, operations: ["find_code", "rotate_grant", "sweep_codes"])
        let metrics = Metrics(rows: 2, routes: ["-"], stores: times)
        #expect(!Self.lines(metrics).contains { $0.contains("martlet_store_seconds") })
        for (row, microseconds) in [(0, 8), (1, 11), (9, 5_000_001), (-1, -3)] {
            times.observe(1, microseconds: microseconds, row: row)
        }
        for nothing in [-1, 3, .max] { times.observe(nothing, microseconds: 1, row: 0) }
        times.observe(0, microseconds: 250, row: 0)
        let lines = Self.lines(metrics)
        #expect(lines.contains(#"martlet_store_seconds_bucket{operation="rotate_grant",le="0.00001"} 2"#))
        #expect(lines.contains(#"martlet_store_seconds_bucket{operation="rotate_grant",le="0.000025"} 3"#))
        #expect(lines.contains(#"martlet_store_seconds_bucket{operation="rotate_grant",le="5"} 3"#))
        #expect(lines.contains(#"martlet_store_seconds_bucket{operation="rotate_grant",le="+Inf"} 4"#))
        #expect(lines.contains(#"martlet_store_seconds_sum{operation="rotate_grant"} 5.00002"#))
        #expect(lines.contains(#"martlet_store_seconds_count{operation="rotate_grant"} 4"#))
        #expect(lines.contains(#"martlet_store_seconds_sum{operation="find_code"} 0.00025"#))
        #expect(!lines.contains { $0.contains("sweep_codes") })
        #expect(lines.count { $0 == "# TYPE martlet_store_seconds histogram" } == 1)
    }

    @Test func gaugesAreReadWhenAsked() {
        let metrics = Metrics(
            rows: 1, routes: ["-"],
            gauges: [
                Gauge("martlet_pool_waiting", help: "Waiting.", label: ("pool", "a")) { 3 },
                Gauge("martlet_pool_waiting", help: "Waiting.", label: ("pool", "b")) { 0.5 },
                Gauge("martlet_odd", help: "Odd.") { .nan },
            ])
        let lines = Self.lines(metrics)
        #expect(lines.contains(#"martlet_pool_waiting{pool="a"} 3"#))
        #expect(lines.contains(#"martlet_pool_waiting{pool="b"} 0.5"#))
        #expect(lines.count { $0 == "# TYPE martlet_pool_waiting gauge" } == 1)
        #expect(lines.contains("martlet_odd 0"))
    }

    @Test func everyLineIsOfTheFormat() throws {
        let metrics = Metrics(rows: 1, routes: ["-", "/x"], outcomes: Self.outcomes)
        metrics.countRequest(route: 1, status: 200, microseconds: 100, row: 0)
        let sample = /^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.+e-]+$/
        var names: Set<String> = []
        for line in Self.lines(metrics) {
            if line.hasPrefix("# TYPE ") {
                // A family stands in one piece.
                #expect(names.insert(String(line.split(separator: " ")[2])).inserted)
            } else if !line.hasPrefix("# HELP ") {
                #expect(try sample.wholeMatch(in: line) != nil, "\(line)")
            }
        }
        #expect(metrics.text().last == UInt8(ascii: "\n"))
    }

    @Test func jsonSaysTheSame() throws {
        let metrics = Metrics(rows: 1, routes: ["-", "/\"\n"])
        metrics.countRequest(route: 1, status: 200, microseconds: 100, row: 0)
        let families = try #require(JSONValue(parsing: metrics.json()).array)
        let requests = try #require(families.first { $0.object?["name"]?.string == "martlet_requests_total" }?.object)
        let samples = try #require(requests["samples"]?.array)
        #expect(samples.map { $0.object?["value"]?.integer } == [0, 1])
        #expect(samples[1].object?["labels"]?.object?["route"]?.string == "/\"\n")
        #expect(samples[1].object?["labels"]?.object?["status"]?.string == "200")
        let histogram = families.first { $0.object?["name"]?.string == "martlet_request_seconds" }?.object
        #expect(histogram?["samples"]?.array?.count == MetricFamily.boundCount + 3)
    }

    @Test func theProcessIsSeenAsItIs() {
        let figures = ProcessFigures.now()
        #expect(figures.residentBytes > 1_000_000)
        #expect(figures.threads >= 1)
        #expect(figures.cpuSeconds > 0)
        #expect(abs(figures.startSeconds - Double(LogTime.now.microseconds) / 1e6) < 86_400)
        #expect(ProcessFigures.openDescriptors() >= 3)
    }

    @Test func countingFromManyThreadsLosesNothing() async {
        let metrics = Metrics(rows: 2, routes: ["-"])
        await withTaskGroup { tasks in
            for row in 0..<4 {
                tasks.addTask {
                    for _ in 0..<10_000 { metrics.countRequest(route: 0, status: 200, microseconds: 1, row: row) }
                }
            }
        }
        #expect(Self.lines(metrics).contains(#"martlet_requests_total{route="-",status="200"} 40000"#))
    }
}
