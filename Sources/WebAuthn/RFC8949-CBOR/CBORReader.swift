/// Reads canonical CBOR: RFC 8949 §3 and §4.2.1 in the form that CTAP 2.1 §8 prescribes to authenticators.
///
/// Every value has one spelling, so that what was read is known to the byte: shortest heads, definite lengths, sorted
/// distinct keys, no tags. WebAuthn §2 asks decoders to refuse anything else.
///
/// The bytes are an argument of every step and not a member, since a span may not be stored.
package struct CBORReader {
    /// Where the next item starts, in bytes.
    package private(set) var position: Int
    private let depth: Int

    /// As deep as CTAP 2.1 §8 allows; `[]` is 1.
    package static let deepest = 4
    /// The longest input, in bytes: many times the largest attestation with all its certificates.
    package static let longest = 64 * 1024

    /// A reader that starts at a place.
    ///
    /// `depth`: most levels of arrays and maps, at most 64 since the reader recurses.
    package init(at position: Int = 0, depth: Int = deepest) {
        self.position = max(0, position)
        self.depth = min(depth, 64)
    }

    /// Reads the one item that the bytes hold.
    package static func read(_ bytes: [UInt8], depth: Int = deepest) throws(CBORError) -> CBORValue {
        var reader = CBORReader(depth: depth)
        let value = try reader.readItem(bytes.span)
        guard reader.position == bytes.count else { throw .trailingBytes }
        return value
    }

    /// Reads the next item and stands behind it.
    package mutating func readItem(_ bytes: Span<UInt8>) throws(CBORError) -> CBORValue {
        guard bytes.count <= Self.longest else { throw .oversize }
        return try readItem(bytes, level: 1)
    }

    private mutating func readItem(_ bytes: Span<UInt8>, level: Int) throws(CBORError) -> CBORValue {
        guard position < bytes.count else { throw .unexpectedEnd }
        let initial = bytes[position]
        position += 1
        let information = initial & 0x1F
        switch initial >> 5 {
        case 0: return .unsigned(try readArgument(information, bytes))
        case 1: return .negative(try readArgument(information, bytes))
        case 2:
            let place = try readString(information, bytes)
            return .bytes(bytes.extracting(place).withUnsafeBufferPointer { [UInt8]($0) })
        case 3:
            let place = try readString(information, bytes)
            guard let text = try? UTF8Span(validating: bytes.extracting(place)) else { throw .invalidUTF8 }
            return .text(String(copying: text))
        case 4: return .array(try readArray(information, bytes, level))
        case 5: return .map(try readMap(information, bytes, level))
        case 6: throw .unsupportedItem
        default: return try readSimple(information)
        }
    }

    private func readSimple(_ information: UInt8) throws(CBORError) -> CBORValue {
        switch information {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 28...30: throw .reserved
        case 31: throw .indefiniteLength
        default: throw .unsupportedItem
        }
    }

    /// The number that follows the initial byte, or is part of it: RFC 8949 §3.
    private mutating func readArgument(_ information: UInt8, _ bytes: Span<UInt8>) throws(CBORError) -> UInt64 {
        switch information {
        case 0..<24: return UInt64(information)
        case 24: return try readNumber(1, atLeast: 24, bytes)
        case 25: return try readNumber(2, atLeast: 1 << 8, bytes)
        case 26: return try readNumber(4, atLeast: 1 << 16, bytes)
        case 27: return try readNumber(8, atLeast: 1 << 32, bytes)
        case 31: throw .indefiniteLength
        default: throw .reserved
        }
    }

    private mutating func readNumber(
        _ count: Int, atLeast least: UInt64, _ bytes: Span<UInt8>
    ) throws(CBORError) -> UInt64 {
        guard count <= bytes.count - position else { throw .unexpectedEnd }
        var number: UInt64 = 0
        for index in position..<position + count { number = number << 8 | UInt64(bytes[index]) }
        position += count
        guard number >= least else { throw .notShortest }
        return number
    }

    /// Where the octets of a string are; stands behind them.
    private mutating func readString(_ information: UInt8, _ bytes: Span<UInt8>) throws(CBORError) -> Range<Int> {
        let count = try readArgument(information, bytes)
        guard count <= UInt64(bytes.count - position) else { throw .unexpectedEnd }
        let start = position
        position += Int(count)
        return start..<position
    }

    private mutating func readArray(
        _ information: UInt8, _ bytes: Span<UInt8>, _ level: Int
    ) throws(CBORError) -> [CBORValue] {
        let count = try readCount(information, bytes, level, itemsEach: 1)
        var items: [CBORValue] = []
        for _ in 0..<count { items.append(try readItem(bytes, level: level + 1)) }
        return items
    }

    private mutating func readMap(
        _ information: UInt8, _ bytes: Span<UInt8>, _ level: Int
    ) throws(CBORError) -> CBORMap {
        let count = try readCount(information, bytes, level, itemsEach: 2)
        var entries: [CBORMap.Entry] = []
        var last = 0..<0
        for _ in 0..<count {
            let start = position
            // A number or a text, which are not nested: their level does not count.
            guard start < bytes.count else { throw .unexpectedEnd }
            guard [0, 1, 3].contains(bytes[start] >> 5) else { throw .unsupportedKey }
            let key = try readItem(bytes, level: level)
            try Self.check(bytes.extracting(last), before: bytes.extracting(start..<position))
            last = start..<position
            entries.append(CBORMap.Entry(key, try readItem(bytes, level: level + 1)))
        }
        return CBORMap(entries)
    }

    /// How many items or pairs follow; each takes a byte or more, so that a lie is known before anything is kept.
    private mutating func readCount(
        _ information: UInt8, _ bytes: Span<UInt8>, _ level: Int, itemsEach: UInt64
    ) throws(CBORError) -> Int {
        let count = try readArgument(information, bytes)
        guard level <= depth else { throw .tooDeep }
        guard count <= UInt64(bytes.count - position) / itemsEach else { throw .unexpectedEnd }
        return Int(count)
    }

    /// CTAP 2.1 §8: by major type, then by length, then by bytes.
    ///
    /// With shortest heads that is the order of the encodings, since a head grows with what it counts.
    private static func check(_ key: Span<UInt8>, before next: Span<UInt8>) throws(CBORError) {
        for index in 0..<min(key.count, next.count) where key[index] != next[index] {
            guard key[index] < next[index] else { throw .unsortedKeys }
            return
        }
        guard key.count < next.count else { throw .duplicateKey }
    }
}
