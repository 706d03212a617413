internal import Glibc
internal import Synchronization

/// Protected headers that were read lately, by their encoded form: tokens of one key and one type all begin with the same.
///
/// What a header means follows from its bytes alone, so a remembered one is as good as one that is read anew, whoever sent
/// it. Whoever fills the places with headers of their own makes others wait for what they always did: the reading.
enum RecentHeaders {
    private final class Place: Sendable {
        private struct Entry {
            let encoded: [UInt8]
            let header: JOSEHeader
        }

        private let entry = Mutex<Entry?>(nil)

        func find(_ encoded: Span<UInt8>) -> JOSEHeader? {
            entry.withLock { entry in
                guard let entry, entry.encoded.span.isSame(as: encoded) else { return nil }
                return entry.header
            }
        }

        func keep(_ header: JOSEHeader, _ encoded: Span<UInt8>) {
            let fresh = Entry(encoded: encoded.withUnsafeBufferPointer { [UInt8]($0) }, header: header)
            entry.withLock { $0 = fresh }
        }
    }

    private static let places = (0..<16).map { _ in Place() }

    /// Longer ones are not kept, so that all of them take little.
    private static let longest = 512

    /// The header that a token begins with; throws `malformedToken`, `malformedHeader` or `criticalExtension`.
    static func header(_ encoded: Span<UInt8>) throws(JOSEError) -> JOSEHeader {
        guard encoded.count <= longest else { return try read(encoded) }
        let place = places[encoded.place(among: places.count)]
        if let known = place.find(encoded) { return known }
        let header = try read(encoded)
        place.keep(header, encoded)
        return header
    }

    private static func read(_ encoded: Span<UInt8>) throws(JOSEError) -> JOSEHeader {
        guard let bytes = Base64URL.decode(encoded) else { throw .malformedToken }
        return try JOSEHeader(parsing: bytes)
    }
}

extension Span<UInt8> {
    fileprivate func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBytes { own in
            other.withUnsafeBytes { other in
                guard let own = own.baseAddress, let other = other.baseAddress else { return true }
                return memcmp(own, other, count) == 0
            }
        }
    }

    /// Multiplies word by word: what differs anywhere ends up in the high bits.
    fileprivate func place(among places: Int) -> Int {
        withUnsafeBytes { bytes in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            var index = 0
            while index &+ 8 <= bytes.count {
                hash = (hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash &>> 32
                index &+= 8
            }
            while index < bytes.count {
                hash = (hash ^ UInt64(bytes[index])) &* 0x9E37_79B9_7F4A_7C15
                index &+= 1
            }
            return Int(truncatingIfNeeded: hash &>> 40) % places
        }
    }
}
