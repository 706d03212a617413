import JOSE
public import OAuthTypes

/// Passwords that nobody may choose, as a filter in a file: NIST SP 800-63B §3.1.1.2, ASVS 6.2.4 and 6.2.12.
///
/// The leading bits of each password's SHA-1, sorted, and the gaps between them as Rice codes (a Golomb-coded set): some 22
/// bits a password for one false alarm in a million. What is on the list is always found. The file is mapped; one answer
/// reads an entry of the index and a block of 256 values.
public struct BreachedPasswords: Sendable {
    private let file: MappedFile
    private let header: FilterHeader

    /// Bytes of values up to which they are summed up at every start; larger ones when they are asked for.
    private static let eagerLimit = 16 << 20

    /// Maps a file.
    ///
    /// Its index is checked here, its values too unless they are many megabytes: then see ``verify()``.
    public init(path: String) throws(FilterRefusal) {
        do {
            file = try MappedFile(path: path)
        } catch {
            throw .unreadable(error.description)
        }
        header = try BreachedPasswords.check(file)
        if header.dataBytes <= BreachedPasswords.eagerLimit { try verify() }
        file.releasePages()
    }

    /// A filter that is in no file.
    public init(bytes: [UInt8]) throws(FilterRefusal) {
        file = MappedFile(copying: bytes)
        header = try BreachedPasswords.check(file)
        try verify()
    }

    private static func check(_ file: MappedFile) throws(FilterRefusal) -> FilterHeader {
        let result: Result<FilterHeader, FilterRefusal> = file.withBytes { bytes in
            Result { () throws(FilterRefusal) in
                let header = try FilterHeader(bytes)
                let (indexBytes, overflow) = header.blocks.multipliedReportingOverflow(by: FilterHeader.indexEntry)
                guard !overflow, header.dataBytes >= 0, header.dataBytes <= bytes.count,
                    indexBytes == bytes.count - FilterHeader.size - header.dataBytes
                else { throw .truncated }
                let index = FilterHeader.size + header.dataBytes
                guard digest(header.covered, bytes[index...]) == header.digest else { throw .damaged }
                return header
            }
        }
        return try result.get()
    }

    static func digest(_ start: [UInt8], _ rest: Slice<UnsafeRawBufferPointer>) -> SHA256Digest {
        var hash = SHA256()
        hash.update(start)
        var place = rest.startIndex
        while place < rest.endIndex {
            let end = min(place + 65_536, rest.endIndex)
            hash.update([UInt8](rest[place..<end]))
            place = end
        }
        return hash.finalize()
    }

    /// Reads all values and compares their checksum.
    public func verify() throws(FilterRefusal) {
        let isSound = file.withBytes { bytes in
            let data = bytes[FilterHeader.size..<(FilterHeader.size + header.dataBytes)]
            return BreachedPasswords.digest([], data) == header.dataDigest
        }
        guard isSound else { throw .damaged }
    }

    /// Whether a password is on the list; sometimes of one that is not, by `falseAlarms`.
    public func contains(_ password: Password) -> Bool { contains(PasswordKey(password)) }

    func contains(_ key: PasswordKey) -> Bool {
        let wanted = key.leading >> UInt64(64 - header.valueBits)
        return file.withBytes { bytes in
            // The last block that does not begin beyond the value.
            var (low, high) = (0, header.blocks)
            while low < high {
                let middle = (low + high) / 2
                if entry(bytes, middle).first <= wanted { low = middle + 1 } else { high = middle }
            }
            guard low > 0 else { return false }
            return holds(bytes, low - 1, wanted)
        }
    }

    private func entry(_ bytes: UnsafeRawBufferPointer, _ block: Int) -> (first: UInt64, start: Int) {
        let place = FilterHeader.size + header.dataBytes + block * FilterHeader.indexEntry
        let start = min(FilterHeader.number(bytes, place + 8, 8), UInt64(header.dataBytes))
        return (FilterHeader.number(bytes, place, 8), FilterHeader.size + Int(start))
    }

    private func holds(_ bytes: UnsafeRawBufferPointer, _ block: Int, _ wanted: UInt64) -> Bool {
        var (value, start) = entry(bytes, block)
        let isLast = block + 1 == header.blocks
        let end = isLast ? FilterHeader.size + header.dataBytes : entry(bytes, block + 1).start
        guard start <= end else { return false }
        let count = isLast ? (header.count - 1) % FilterHeader.valuesPerBlock : FilterHeader.valuesPerBlock - 1
        var reader = RiceReader(bytes, start..<end)
        for _ in 0..<count where value < wanted {
            guard let gap = reader.number(remainderBits: header.remainderBits) else { return false }
            let (next, overflow) = value.addingReportingOverflow(gap &+ 1)
            guard !overflow, next > value else { return false }
            value = next
        }
        return value == wanted
    }

    // MARK: What it is

    /// How many passwords.
    public var count: Int { header.count }
    /// Bytes of the file.
    public var size: Int { file.count }
    /// When it was made.
    public var madeAt: Timestamp { Timestamp(seconds: header.madeAt) }
    /// Bits of the file for each password.
    public var bitsPerPassword: Double { Double(size) * 8 / Double(count) }
    /// The part of other passwords that are taken for one of the list.
    public var falseAlarms: Double {
        Double(count) / Double(sign: .plus, exponent: header.valueBits, significand: 1)
    }
}
