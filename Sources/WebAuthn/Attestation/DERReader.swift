/// Reads DER, element by element: X.690 §8 and §10.1, as far as certificates and signatures need it.
struct DERReader {
    /// The first byte of an element.
    enum Tag: UInt8, Sendable {
        case boolean = 0x01
        case integer = 0x02
        case bitString = 0x03
        case octetString = 0x04
        case null = 0x05
        case objectIdentifier = 0x06
        case utf8String = 0x0C
        case printableString = 0x13
        case sequence = 0x30
        case set = 0x31
        /// [0] and so on, explicit.
        case context0 = 0xA0
        case context3 = 0xA3
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// Whether the next element has a tag.
    func isNext(_ tag: Tag) -> Bool { rest.first == tag.rawValue }

    /// The content of the next element; `nil` if it has another tag or is cut short.
    mutating func read(_ tag: Tag) -> ArraySlice<UInt8>? {
        isNext(tag) ? readAny() : nil
    }

    /// The content of the next element, whatever its tag.
    @discardableResult
    mutating func readAny() -> ArraySlice<UInt8>? {
        guard rest.count >= 2, rest[rest.startIndex] & 0x1F != 0x1F else { return nil }
        var position = rest.startIndex + 1
        var count = Int(rest[position])
        position += 1
        if count >= 0x80 {
            // Definite, and in as few bytes as it needs: X.690 §10.1.
            let size = count & 0x7F
            guard (1...3).contains(size), size <= rest.endIndex - position, rest[position] != 0 else { return nil }
            count = rest[position..<position + size].reduce(0) { $0 << 8 | Int($1) }
            position += size
            guard count >= 0x80 else { return nil }
        }
        guard count <= rest.endIndex - position else { return nil }
        let content = rest[position..<position + count]
        rest = rest[(position + count)...]
        return content
    }

    /// The bytes of a positive INTEGER without zeros in front; `nil` for zero, a negative one or a longer spelling.
    mutating func readNaturalNumber() -> ArraySlice<UInt8>? {
        guard let content = read(.integer), let first = content.first, first < 0x80 else { return nil }
        guard first == 0 else { return content }
        let number = content.dropFirst()
        guard let first = number.first, first >= 0x80 else { return nil }
        return number
    }

    /// A BOOLEAN; `nil` for another spelling than X.690 §11.1 has.
    mutating func readBoolean() -> Bool? {
        guard let content = read(.boolean), content.count == 1, let byte = content.first else { return nil }
        switch byte {
        case 0: return false
        case 0xFF: return true
        default: return nil
        }
    }
}
