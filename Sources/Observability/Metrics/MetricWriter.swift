/// Something that metrics are written with, family by family.
protocol MetricWriter {
    mutating func begin(_ name: StaticString, _ help: StaticString, _ kind: StaticString)
    mutating func sample(_ suffix: StaticString, _ labels: [MetricFamily.Label], _ value: String)
}

/// Prometheus text exposition format 0.0.4.
struct PrometheusWriter: MetricWriter {
    private(set) var bytes: [UInt8] = []
    private var name: StaticString = ""

    mutating func begin(_ name: StaticString, _ help: StaticString, _ kind: StaticString) {
        self.name = name
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n".utf8
    }

    mutating func sample(_ suffix: StaticString, _ labels: [MetricFamily.Label], _ value: String) {
        bytes += "\(name)\(suffix)".utf8
        if !labels.isEmpty {
            var separator = "{"
            for label in labels {
                bytes += "\(separator)\(label.name)=\"".utf8
                append(escaping: label.value)
                bytes.append(UInt8(ascii: "\""))
                separator = ","
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += " \(value)\n".utf8
    }

    private mutating func append(escaping value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
    }
}

/// The same as JSON: `[{"name":…,"type":…,"samples":[{"name":…,"labels":{…},"value":…}]}]`.
struct MetricJSONWriter: MetricWriter {
    private var bytes: [UInt8] = Array("[".utf8)
    private var name: StaticString = ""
    private var isFirstFamily = true
    private var isFirstSample = true

    mutating func begin(_ name: StaticString, _ help: StaticString, _ kind: StaticString) {
        self.name = name
        bytes += (isFirstFamily ? "" : "]},").utf8
        isFirstFamily = false
        isFirstSample = true
        bytes += "{\"name\":\"\(name)\",\"type\":\"\(kind)\",\"help\":\"\(help)\",\"samples\":[".utf8
    }

    mutating func sample(_ suffix: StaticString, _ labels: [MetricFamily.Label], _ value: String) {
        bytes += "\(isFirstSample ? "" : ",")\n{\"name\":\"\(name)\(suffix)\",\"labels\":{".utf8
        isFirstSample = false
        for (index, label) in labels.enumerated() {
            bytes += "\(index > 0 ? "," : "")\"\(label.name)\":\"".utf8
            let text = label.value
            bytes += [UInt8](capacity: LogText.bound(utf8Count: text.utf8.count)) { $0.append(escaping: text) }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes += "},\"value\":\(value)}".utf8
    }

    mutating func end() -> [UInt8] {
        bytes += (isFirstFamily ? "]\n" : "]}]\n").utf8
        return bytes
    }
}
