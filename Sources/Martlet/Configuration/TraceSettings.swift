import Reactor

/// Where spans go, and how many.
struct TraceSettings: Sendable, Hashable {
    /// The address of the collector.
    let address: String
    /// Of a hundred requests.
    let percent: Int

    /// Whether the address is http, which is for a collector on this machine.
    var isPlain: Bool { address.hasPrefix("http://") }
}

extension SettingsReader {
    /// The settings of traces; nil where no collector is named.
    mutating func traces() -> TraceSettings? {
        let percent = number(.tracePercent) ?? 10
        guard let address = text(.traces) else { return nil }
        let local = ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"]
        guard !address.contains("@"), address.hasPrefix("https://") || local.contains(where: { address.hasPrefix($0) })
        else {
            report(
                .traces, "is no address of a collector",
                "Write https://host/v1/traces, or http://127.0.0.1:4318/v1/traces for one on this machine.")
            return nil
        }
        return TraceSettings(address: address, percent: percent)
    }
}
