/// The parts of the name of an entry, its own first: RFC 4514 §2.
///
/// Read as §3 has it, and with the spaces around separators that older directories write. So two spellings of one name are
/// one, and two names never are.
struct NameParts: Sendable {
    /// An attribute of the entry and its value; most parts have one.
    struct Pair: Sendable {
        /// In small letters.
        let type: String
        let value: [UInt8]
    }

    let parts: [[Pair]]

    /// Nil for what is no name.
    init?(_ name: DistinguishedName) {
        var reader = Reader(bytes: Array(name.text.utf8)[...])
        var parts: [[Pair]] = [[]]
        while true {
            guard let pair = reader.pair() else { return nil }
            parts[parts.count - 1].append(pair)
            switch reader.bytes.popFirst() {
            case nil:
                self.parts = parts
                return
            case UInt8(ascii: "+"): break
            case UInt8(ascii: ","), UInt8(ascii: ";"): parts.append([])
            default: return nil
            }
        }
    }

    /// The name in one spelling, with the letters of values as they are.
    var text: String { spelled { $0 } }

    /// The name in one spelling and in small letters of ASCII: directories compare so.
    var folded: String { spelled { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 } }

    /// The value of the entry's own part, where that is one common name and nothing else, directly below another entry.
    func commonName(directlyBelow base: NameParts) -> String? {
        guard let own = parts.first, own.count == 1, own[0].type == "cn", parts.count == base.parts.count + 1,
            NameParts(parts: Array(parts.dropFirst())).folded == base.folded
        else { return nil }
        return String(validating: own[0].value, as: UTF8.self)
    }

    private init(parts: [[Pair]]) { self.parts = parts }

    private func spelled(_ fold: (UInt8) -> UInt8) -> String {
        parts.map { part in
            part.map { "\($0.type)=" + NameParts.escaped($0.value.map(fold)) }.sorted().joined(separator: "+")
        }.joined(separator: ",")
    }

    /// §2.4: what would end the value, or cannot be seen, is escaped.
    private static func escaped(_ value: [UInt8]) -> String {
        let isText = String(validating: value, as: UTF8.self) != nil
        var bytes: [UInt8] = []
        for (index, byte) in value.enumerated() {
            let isAtEdge = index == 0 || index == value.count - 1
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"),
                UInt8(ascii: ">"), UInt8(ascii: ";"), UInt8(ascii: "="):
                bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: " ") where isAtEdge, UInt8(ascii: "#") where index == 0:
                bytes += [UInt8(ascii: "\\"), byte]
            case _ where byte < 0x20 || byte == 0x7F || byte >= 0x80 && !isText:
                let digits = Array("0123456789abcdef".utf8)
                bytes += [UInt8(ascii: "\\"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        /// An attribute and its value, up to the separator.
        mutating func pair() -> Pair? {
            skipSpaces()
            guard let end = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            var type = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
            while type.last == " " { type.removeLast() }
            guard !type.isEmpty, type.utf8.allSatisfy(Reader.isOfType) else { return nil }
            bytes = bytes[(end + 1)...]
            skipSpaces()
            // A value as the directory encodes it (§2.4), which names of groups have not.
            guard bytes.first != UInt8(ascii: "#"), let value = value() else { return nil }
            return Pair(type: type, value: value)
        }

        private mutating func value() -> [UInt8]? {
            var value: [UInt8] = []
            // Up to where spaces at the end count, since they are escaped.
            var kept = 0
            while let byte = bytes.first {
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: ";"):
                    return Reader.trimmed(value, to: kept)
                // A value in quotes, as before RFC 4514.
                case UInt8(ascii: "\""): return nil
                case UInt8(ascii: "\\"):
                    bytes.removeFirst()
                    guard let next = bytes.popFirst() else { return nil }
                    if let high = Reader.digit(next) {
                        guard let low = bytes.popFirst().flatMap(Reader.digit) else { return nil }
                        value.append(high << 4 | low)
                    } else {
                        value.append(next)
                    }
                    kept = value.count
                default:
                    value.append(byte)
                    bytes.removeFirst()
                }
            }
            return Reader.trimmed(value, to: kept)
        }

        private static func trimmed(_ value: [UInt8], to kept: Int) -> [UInt8]? {
            var value = value
            while value.count > kept, value.last == UInt8(ascii: " ") { value.removeLast() }
            return value.isEmpty ? nil : value
        }

        private mutating func skipSpaces() { bytes = bytes.drop { $0 == UInt8(ascii: " ") } }

        private static func isOfType(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }

        private static func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
    }
}
