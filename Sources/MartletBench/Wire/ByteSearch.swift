import Glibc

extension UnsafeRawBufferPointer {
    /// Where a pattern begins, at `start` or after; glibc has this as memmem, which its module leaves out.
    func firstIndex(of pattern: StaticString, from start: Int = 0) -> Int? {
        let length = pattern.utf8CodeUnitCount
        guard let baseAddress, length > 0 else { return nil }
        var index = start
        while index + length <= count {
            guard let found = memchr(baseAddress + index, Int32(pattern.utf8Start.pointee), count - length + 1 - index)
            else { return nil }
            index = UnsafeRawPointer(found) - baseAddress
            if memcmp(found, pattern.utf8Start, length) == 0 { return index }
            index += 1
        }
        return nil
    }

    /// The bytes between the first `opening` and the next `end`.
    func value(after opening: StaticString, until end: UInt8) -> UnsafeRawBufferPointer? {
        guard let start = firstIndex(of: opening).map({ $0 + opening.utf8CodeUnitCount }), let baseAddress,
            let stop = memchr(baseAddress + start, Int32(end), count - start)
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[start..<UnsafeRawPointer(stop) - baseAddress])
    }

    /// Whether these bytes come first.
    func begins(with bytes: [UInt8]) -> Bool {
        guard count >= bytes.count, let baseAddress else { return bytes.isEmpty }
        return memcmp(baseAddress, bytes, bytes.count) == 0
    }
}
