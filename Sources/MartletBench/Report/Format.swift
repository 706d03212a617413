import Glibc

/// Numbers as people read them.
enum Format {
    static func value(_ value: Double, _ unit: Figure.Unit) -> String {
        switch unit {
        case .perSecond: value < 100 ? fixed(value, 2) + "/s" : grouped(value) + "/s"
        case .ratio: fixed(value, 2)
        case .seconds: milliseconds(value * 1000)
        case .bytes: bytes(value)
        case .microseconds: fixed(value, 1) + " µs"
        case .pieces: fixed(value, 1)
        }
    }

    static func milliseconds(_ value: Double) -> String { fixed(value, value < 10 ? 2 : 1) + " ms" }

    static func percent(_ share: Double) -> String { fixed(share * 100, share < 0.1 ? 1 : 0) + " %" }

    static func bytes(_ value: Double) -> String {
        switch abs(value) {
        case ..<10_240: fixed(value, 0) + " B"
        case ..<1_048_576: fixed(value / 1024, 1) + " KiB"
        default: fixed(value / 1_048_576, 2) + " MiB"
        }
    }

    /// With a comma after each three digits.
    static func grouped(_ value: Double) -> String {
        guard value.magnitude < 1e15 else { return "\(value)" }
        let digits = Array(String(Int(value.magnitude.rounded())))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    static func fixed(_ value: Double, _ places: Int) -> String {
        let scale = pow(10, Double(places))
        guard value.isFinite, value.magnitude * scale < 1e15 else { return "\(value)" }
        let scaled = Int((value.magnitude * scale).rounded())
        let unit = Int(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % unit)
        return sign + "\(scaled / unit)." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
