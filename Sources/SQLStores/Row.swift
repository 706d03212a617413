/// One row of an answer, packed: whoever asked unpacks it, so that the thread all writers share only copies bytes.
struct Row: Sendable, Equatable, Sequence {
    /// Column after column: a kind, then for integers 8 bytes, for text and bytes a length of 8 bytes and the content.
    private let packed: [UInt8]

    enum Kind: UInt8 {
        case null, integer, text, bytes, foreign
    }

    /// Packs what `fill` appends; `capacity` is a guess that saves moving.
    init(capacity: Int, fill: (inout Packing) -> Void) {
        var packing = Packing(capacity: capacity)
        fill(&packing)
        packed = packing.packed
    }

    /// A row of those values.
    init(_ values: [SQLValue]) {
        self.init(capacity: 0) { packing in
            for value in values {
                switch value {
                case .null: packing.append(.null)
                case .foreign: packing.append(.foreign)
                case .integer(let number): packing.append(number)
                case .text(let text): Array(text.utf8).withUnsafeBytes { packing.append(.text, $0) }
                case .bytes(let bytes): bytes.withUnsafeBytes { packing.append(.bytes, $0) }
                }
            }
        }
    }

    /// A row while it is filled.
    struct Packing {
        fileprivate var packed: [UInt8] = []

        fileprivate init(capacity: Int) {
            packed.reserveCapacity(capacity)
        }

        /// A column without content.
        mutating func append(_ kind: Kind) {
            packed.append(kind.rawValue)
        }

        mutating func append(_ number: Int64) {
            packed.append(Kind.integer.rawValue)
            withUnsafeBytes(of: number) { packed.append(contentsOf: $0) }
        }

        mutating func append(_ kind: Kind, _ content: UnsafeRawBufferPointer) {
            packed.append(kind.rawValue)
            withUnsafeBytes(of: content.count) { packed.append(contentsOf: $0) }
            packed.append(contentsOf: content)
        }
    }

    /// Unpacks the columns from left to right.
    struct Iterator: IteratorProtocol {
        fileprivate let packed: [UInt8]
        private var position = 0

        fileprivate init(packed: [UInt8]) {
            self.packed = packed
        }

        mutating func next() -> SQLValue? {
            guard position < packed.count, let kind = Kind(rawValue: packed[position]) else { return nil }
            position += 1
            switch kind {
            case .null: return .null
            case .foreign: return .foreign
            case .integer: return .integer(nextNumber())
            case .text:
                return nextContent { bytes in
                    guard let text = try? UTF8Span(validating: bytes.span) else { return .foreign }
                    return .text(String(copying: text))
                }
            case .bytes: return nextContent { .bytes(Array($0)) }
            }
        }

        private mutating func nextNumber() -> Int64 {
            let number = packed.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Int64.self) }
            position += 8
            return number
        }

        private mutating func nextContent(_ make: (UnsafeBufferPointer<UInt8>) -> SQLValue) -> SQLValue {
            let count = Int(nextNumber())
            let value = packed.withUnsafeBufferPointer {
                make(UnsafeBufferPointer(rebasing: $0[position..<position + count]))
            }
            position += count
            return value
        }
    }

    func makeIterator() -> Iterator { Iterator(packed: packed) }
}
