import Glibc
import JOSE
import OAuthTypes

/// Writes sorted values as a filter file, which gets its name at the end.
struct FilterWriter: ~Copyable {
    private let path: String
    private let draft: String
    private let descriptor: Int32
    private let valueBits: Int
    private let remainderBits: Int
    private var data = RiceWriter()
    private var hash = SHA256()
    private var written = 0
    private var index: [UInt8] = []
    private var count = 0
    private var last: UInt64 = 0

    init(_ path: String, draft: String, valueBits: Int, remainderBits: Int) throws(FilterBuilder.Refusal) {
        self.path = path
        self.draft = draft
        (self.valueBits, self.remainderBits) = (valueBits, remainderBits)
        // Everybody may read it: there is nothing in it that the list does not have.
        descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last }
        try FilterWriter.write(descriptor, [UInt8](repeating: 0, count: FilterHeader.size), at: 0)
    }

    deinit {
        close(descriptor)
        // Renamed where all went well.
        unlink(draft)
    }

    /// Adds a value above all before.
    mutating func put(_ value: UInt64) throws(FilterBuilder.Refusal) {
        if count % FilterHeader.valuesPerBlock == 0 {
            data.align()
            if data.bytes.count >= 1 << 16 { try flush() }
            FilterHeader.append(value, 8, to: &index)
            FilterHeader.append(UInt64(written + data.bytes.count), 8, to: &index)
        } else {
            data.put(value - last - 1, remainderBits: remainderBits)
        }
        last = value
        count += 1
    }

    private mutating func flush() throws(FilterBuilder.Refusal) {
        let bytes = data.take()
        hash.update(bytes)
        try FilterWriter.write(descriptor, bytes, at: FilterHeader.size + written)
        written += bytes.count
    }

    mutating func finish(madeAt: Timestamp) throws(FilterBuilder.Refusal) {
        data.align()
        try flush()
        try FilterWriter.write(descriptor, index, at: FilterHeader.size + written)
        var header = FilterHeader(
            valueBits: valueBits, remainderBits: remainderBits, count: count, dataBytes: written,
            blocks: index.count / FilterHeader.indexEntry, madeAt: madeAt.seconds, data: hash.finalize())
        header.digest = index.withUnsafeBytes { BreachedPasswords.digest(header.covered, $0[...]) }
        try FilterWriter.write(descriptor, header.bytes, at: 0)
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw .last }
    }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8], at place: Int) throws(FilterBuilder.Refusal) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(place + done))
            }
            guard count > 0 || errno == EINTR else { throw .last }
            done += max(0, count)
        }
    }
}

extension FilterBuilder.Refusal {
    static var last: Self { .unwritable(String(cString: strerror(errno))) }
}
