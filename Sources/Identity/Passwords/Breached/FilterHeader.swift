import JOSE

/// The beginning of a filter file: 128 bytes, numbers with the highest byte first.
///
/// | bytes | |
/// | --- | --- |
/// | 0..<8 | `MRTLTPWF` |
/// | 8..<12 | the version of the format, 1 |
/// | 12 | bits of a value |
/// | 13 | bits of a gap's remainder |
/// | 14..<16 | zero |
/// | 16..<24 | how many values |
/// | 24..<32 | bytes of the values |
/// | 32..<40 | how many blocks |
/// | 40..<48 | when it was made, in seconds since 1970 |
/// | 48..<80 | SHA-256 of the values |
/// | 80..<112 | SHA-256 of the bytes 0..<80 and of the index |
/// | 112..<128 | zero |
///
/// The values follow, and then the index: 16 bytes a block, its first value and the byte among the values where it begins.
struct FilterHeader: Sendable, Equatable {
    static let size = 128
    static let magic = Array("MRTLTPWF".utf8)
    static let version: UInt64 = 1
    /// Values of a block: what is read for one answer.
    static let valuesPerBlock = 256
    static let indexEntry = 16

    var valueBits: Int
    var remainderBits: Int
    var count: Int
    var dataBytes: Int
    var blocks: Int
    var madeAt: Int64
    var dataDigest: SHA256Digest
    var digest: SHA256Digest

    /// The bytes that the header's own digest covers.
    var covered: [UInt8] {
        var bytes = FilterHeader.magic
        FilterHeader.append(FilterHeader.version, 4, to: &bytes)
        bytes += [UInt8(valueBits), UInt8(remainderBits), 0, 0]
        for number in [count, dataBytes, blocks, Int(madeAt)] {
            FilterHeader.append(UInt64(bitPattern: Int64(number)), 8, to: &bytes)
        }
        dataDigest.append(to: &bytes)
        return bytes
    }

    var bytes: [UInt8] { covered + digest.bytes + [UInt8](repeating: 0, count: 16) }

    /// Reads a header; what its numbers promise is not looked at.
    init(_ bytes: UnsafeRawBufferPointer) throws(FilterRefusal) {
        guard bytes.count >= FilterHeader.magic.count, bytes.starts(with: FilterHeader.magic) else { throw .notAFilter }
        guard bytes.count >= FilterHeader.size else { throw .truncated }
        guard FilterHeader.number(bytes, 8, 4) == FilterHeader.version else {
            throw .unknownVersion(Int(FilterHeader.number(bytes, 8, 4)))
        }
        (valueBits, remainderBits) = (Int(bytes[12]), Int(bytes[13]))
        guard let count = Int(exactly: FilterHeader.number(bytes, 16, 8)),
            let dataBytes = Int(exactly: FilterHeader.number(bytes, 24, 8)),
            let blocks = Int(exactly: FilterHeader.number(bytes, 32, 8)),
            let dataDigest = SHA256Digest([UInt8](bytes[48..<80])), let digest = SHA256Digest([UInt8](bytes[80..<112])),
            (1...64).contains(valueBits), remainderBits < valueBits, count > 0,
            blocks == (count - 1) / FilterHeader.valuesPerBlock + 1
        else { throw .damaged }
        (self.count, self.dataBytes, self.blocks, self.dataDigest) = (count, dataBytes, blocks, dataDigest)
        madeAt = Int64(bitPattern: FilterHeader.number(bytes, 40, 8))
        self.digest = digest
    }

    init(valueBits: Int, remainderBits: Int, count: Int, dataBytes: Int, blocks: Int, madeAt: Int64, data: SHA256Digest)
    {
        (self.valueBits, self.remainderBits, self.count) = (valueBits, remainderBits, count)
        (self.dataBytes, self.blocks, self.madeAt, dataDigest) = (dataBytes, blocks, madeAt, data)
        digest = .zero
    }

    static func number(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt64 {
        bytes[start..<(start + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }
}

/// Why a file is no filter that can be used.
public enum FilterRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be read, in the system's words.
    case unreadable(String)
    /// It begins otherwise.
    case notAFilter
    /// Of a version that this program does not know.
    case unknownVersion(Int)
    /// Shorter or longer than its beginning says.
    case truncated
    /// The checksum is another, or numbers in it cannot be.
    case damaged

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .unreadable(let words): words
        case .notAFilter: "it is no filter of passwords"
        case .unknownVersion(let version): "it is a filter of version \(version), and this program knows version 1"
        case .truncated: "it is not as long as its beginning says"
        case .damaged: "it is damaged: its checksum does not fit"
        }
    }
}
