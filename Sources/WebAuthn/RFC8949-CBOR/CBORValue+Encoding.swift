extension CBORValue {
    /// The canonical encoding, keys sorted: RFC 8949 §4.2.1, CTAP 2.1 §8.
    ///
    /// For what plays the authenticator, and for the property that reading and encoding are inverse.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(to: &bytes)
        return bytes
    }

    private func encode(to bytes: inout [UInt8]) {
        switch self {
        case .unsigned(let value): Self.head(0, value, &bytes)
        case .negative(let distance): Self.head(1, distance, &bytes)
        case .bytes(let value):
            Self.head(2, UInt64(value.count), &bytes)
            bytes += value
        case .text(let value):
            Self.head(3, UInt64(value.utf8.count), &bytes)
            bytes += value.utf8
        case .array(let items):
            Self.head(4, UInt64(items.count), &bytes)
            for item in items { item.encode(to: &bytes) }
        case .map(let map):
            Self.head(5, UInt64(map.entries.count), &bytes)
            let pairs = map.entries.map { (key: $0.key.encoded, value: $0.value.encoded) }
            for pair in pairs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                bytes += pair.key + pair.value
            }
        case .bool(let value): bytes.append(value ? 0xF5 : 0xF4)
        case .null: bytes.append(0xF6)
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64, _ bytes: inout [UInt8]) {
        let size: UInt64
        switch argument {
        case 0..<24:
            bytes.append(major << 5 | UInt8(argument))
            return
        case ..<(1 << 8): size = 0
        case ..<(1 << 16): size = 1
        case ..<(1 << 32): size = 2
        default: size = 3
        }
        bytes.append(major << 5 | 24 + UInt8(size))
        for place in (0..<UInt64(1) << size).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: argument >> (8 * place)))
        }
    }
}
