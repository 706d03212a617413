/// One answered request as a part of a trace: a span of the kind SERVER of OpenTelemetry.
///
/// Holds no text that a stranger chose: the route is a pattern, and a method is one of those that routes know.
public struct TraceSpan: Sendable, Hashable {
    /// The trace; not 0.
    public let trace: UInt128
    /// The span; not 0.
    public let id: UInt64
    /// The span that called us.
    public let parent: UInt64?
    /// The method of the request.
    public let method: String
    /// The pattern of the route.
    public let route: String
    /// The status of the answer.
    public let status: Int
    /// When the request was read, in microseconds since 1970.
    public let start: Int64
    /// Until the answer was written.
    public let microseconds: Int64

    /// A span that ends now, of a trace of its own unless told.
    public init(
        trace: UInt128?, parent: UInt64?, method: String, route: String, status: Int, microseconds: Int
    ) {
        self.trace = trace ?? .random(in: 1 ... .max)
        self.parent = trace == nil ? nil : parent
        id = .random(in: 1 ... .max)
        self.method = method
        self.route = route
        self.status = status
        self.microseconds = Int64(max(0, microseconds))
        start = LogTime.now.microseconds - self.microseconds
    }
}

/// Spans as a body of OTLP/HTTP in JSON: OpenTelemetry Protocol 1.0, `ExportTraceServiceRequest`.
enum SpanJSON {
    static func body(_ spans: [TraceSpan], service: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += "{\"resourceSpans\":[{\"resource\":{\"attributes\":[".utf8
        attribute("service.name", string: service, to: &bytes)
        bytes += "]},\"scopeSpans\":[{\"scope\":{\"name\":\"martlet\"},\"spans\":[".utf8
        for (index, span) in spans.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(span, to: &bytes)
        }
        bytes += "]}]}]}".utf8
        return bytes
    }

    private static func append(_ span: TraceSpan, to bytes: inout [UInt8]) {
        bytes += "{\"traceId\":\"".utf8
        bytes += [UInt8](capacity: 32) { $0.append(hexadecimal: span.trace, digits: 32) }
        bytes += "\",\"spanId\":\"".utf8
        bytes += [UInt8](capacity: 16) { $0.append(hexadecimal: UInt128(span.id), digits: 16) }
        if let parent = span.parent {
            bytes += "\",\"parentSpanId\":\"".utf8
            bytes += [UInt8](capacity: 16) { $0.append(hexadecimal: UInt128(parent), digits: 16) }
        }
        bytes += "\",\"name\":".utf8
        string("\(span.method) \(span.route)", to: &bytes)
        // Kind 2: a server. Numbers of 64 bits are strings in this format.
        bytes += ",\"kind\":2,\"startTimeUnixNano\":\"\(span.start)000\"".utf8
        bytes += ",\"endTimeUnixNano\":\"\(span.start + span.microseconds)000\",\"attributes\":[".utf8
        attribute("http.request.method", string: span.method, to: &bytes)
        bytes.append(UInt8(ascii: ","))
        attribute("http.route", string: span.route, to: &bytes)
        bytes += ",{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":\"\(span.status)\"}}".utf8
        // Code 2: an error, which for a server a refusal is not.
        bytes += (span.status >= 500 ? "],\"status\":{\"code\":2}}" : "]}").utf8
    }

    private static func attribute(_ key: StaticString, string value: String, to bytes: inout [UInt8]) {
        bytes += "{\"key\":\"\(key)\",\"value\":{\"stringValue\":".utf8
        string(value, to: &bytes)
        bytes += "}}".utf8
    }

    private static func string(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        bytes += [UInt8](capacity: LogText.bound(utf8Count: text.utf8.count)) { $0.append(escaping: text) }
        bytes.append(UInt8(ascii: "\""))
    }
}
