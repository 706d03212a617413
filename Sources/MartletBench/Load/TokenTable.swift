import Glibc

/// Codes or tokens of one length, one after the other in memory.
struct TokenTable {
    private(set) var length = 0
    private var bytes: [UInt8] = []

    var count: Int { length == 0 ? 0 : bytes.count / length }

    /// Adds one; false if it is not as long as the others.
    mutating func append(_ token: UnsafeRawBufferPointer) -> Bool {
        if bytes.isEmpty { length = token.count }
        guard token.count == length, length > 0 else { return false }
        bytes.append(contentsOf: token)
        return true
    }

    /// Puts a successor in the place of a token; false if it is the same, or of another length.
    mutating func replace(_ index: Int, by token: UnsafeRawBufferPointer) -> Bool {
        guard token.count == length else { return false }
        return bytes.withUnsafeMutableBytes { bytes in
            let place = UnsafeMutableRawBufferPointer(rebasing: bytes[index * length..<(index + 1) * length])
            guard let target = place.baseAddress, let source = token.baseAddress, memcmp(target, source, length) != 0
            else { return false }
            memcpy(target, source, length)
            return true
        }
    }

    func copy(_ index: Int, to target: UnsafeMutableRawBufferPointer) {
        bytes.withUnsafeBytes {
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[index * length..<(index + 1) * length]))
        }
    }

    /// The first half and the second.
    var halves: (TokenTable, TokenTable) {
        let middle = count / 2 * length
        var (first, second) = (self, self)
        first.bytes = Array(bytes[..<middle])
        second.bytes = Array(bytes[middle...])
        return (first, second)
    }

    func text(_ index: Int) -> String {
        String(decoding: bytes[index * length..<(index + 1) * length], as: UTF8.self)
    }
}
