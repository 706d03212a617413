import JSON
import Testing

@testable import Observability

@Suite("Traces: OTLP")
struct TraceExporterTests {
    private struct Over: Error {}

    private static func span(_ status: Int = 200, trace: UInt128? = nil, parent: UInt64? = nil) -> TraceSpan {
        TraceSpan(trace: trace, parent: parent, method: "POST", route: "/token", status: status, microseconds: 1500)
    }

    @Test func bodiesAreWhatCollectorsRead() throws {
        let span = Self.span(503, trace: 0xab, parent: 0xcd)
        let body = SpanJSON.body([span, Self.span()], service: "id \"x\"")
        let resource = try #require(JSONObject(parsing: body)["resourceSpans"]?.array?.first?.object)
        let name = resource["resource"]?.object?["attributes"]?.array?.first?.object
        #expect(name?["value"]?.object?["stringValue"]?.string == "id \"x\"")
        let spans = try #require(resource["scopeSpans"]?.array?.first?.object?["spans"]?.array)
        let first = try #require(spans.first?.object)
        #expect(first["traceId"]?.string == String(repeating: "0", count: 30) + "ab")
        #expect(first["parentSpanId"]?.string == String(repeating: "0", count: 14) + "cd")
        #expect(first["spanId"]?.string?.count == 16)
        #expect(first["name"]?.string == "POST /token")
        #expect(first["startTimeUnixNano"]?.string == "\(span.start)000")
        #expect(first["endTimeUnixNano"]?.string == "\(span.start + 1500)000")
        #expect(first["status"]?.object != nil)
        let second = try #require(spans.last?.object)
        #expect(second["parentSpanId"] == nil)
        #expect(second["status"] == nil)
        #expect(second["traceId"]?.string != String(repeating: "0", count: 32))
    }

    @Test func takesTheRatioOrWhatTheCallerDecided() {
        let quarter = TraceExporter(ratio: 0.25)
        let taken = (0..<10_000).count { quarter.takes($0 &* 0x9e37_79b9_7f4a_7c15, decision: nil) }
        #expect((2200...2800).contains(taken))
        #expect(quarter.takes(0, decision: true))
        #expect(!quarter.takes(0, decision: false))
        #expect((0..<1000).allSatisfy { TraceExporter(ratio: 1).takes($0, decision: nil) })
        for ratio in [0, -1, Double.nan] {
            let none = TraceExporter(ratio: ratio)
            #expect(!(0..<1000).contains { none.takes($0, decision: nil) })
            #expect(!none.takes(1, decision: true))
        }
    }

    @Test func whatDoesNotFitIsDroppedAndCounted() async {
        let exporter = TraceExporter(ratio: 1, capacity: 300)
        for _ in 0..<310 { exporter.add(Self.span()) }
        #expect(exporter.dropped == 10)
        var sizes: [Int] = []
        await exporter.run(
            pause: { throw Over() },
            send: { body in
                sizes.append(body.count)
                return true
            })
        #expect(sizes.count == 2)
        #expect(exporter.dropped == 10)
    }

    @Test func aCollectorThatRefusesIsNotAskedAgainInTheSameTurn() async {
        let exporter = TraceExporter(ratio: 1)
        for _ in 0..<600 { exporter.add(Self.span()) }
        var (turns, sent) = (0, 0)
        await exporter.run(
            pause: {
                turns += 1
                if turns > 2 { throw Over() }
            },
            send: { _ in
                sent += 1
                return sent > 1
            })
        #expect(sent == 3)
        #expect(exporter.dropped == 256)
    }
}
