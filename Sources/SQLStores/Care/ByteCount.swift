/// A number of bytes as people read it.
public struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number.
    public let bytes: Int64

    /// A number of bytes.
    public init(_ bytes: Int64) {
        self.bytes = bytes
    }

    static func mebibytes(_ count: Int64) -> ByteCount { ByteCount(count << 20) }

    /// The smaller one first.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    /// In the unit that leaves one to four digits before the point: `812 bytes`, `4.0 KiB`, `1.2 GiB`.
    public var description: String {
        guard bytes.magnitude >= 1024 else { return "\(bytes) bytes" }
        var tenths = bytes.multipliedReportingOverflow(by: 10).overflow ? Int64.max : bytes * 10
        var unit = ""
        for next in ["KiB", "MiB", "GiB", "TiB"] where unit.isEmpty || tenths.magnitude >= 10_240 {
            tenths /= 1024
            unit = next
        }
        return tenths.magnitude >= 1000 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\((tenths % 10).magnitude) \(unit)"
    }
}
