/// A short id of one request, for logs and for the `X-Request-Id` field of its answer.
///
/// Unique, not secret: never use it as a token. A trusted proxy may have chosen it.
public struct RequestID: Sendable, Hashable {
    let value: UInt64
    /// The text that a proxy has chosen.
    private let given: String?

    /// An id from 64 bits.
    public init(_ value: UInt64) {
        self.value = value
        given = nil
    }

    /// An id that somebody else has chosen: 8 to 64 letters, digits, hyphens, dots, underscores; `nil` for others.
    public init?(given bytes: some Collection<UInt8>) {
        let isGood = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isGood, (8...64).contains(bytes.count) else { return nil }
        value = 0
        given = String(decoding: bytes, as: UTF8.self)
    }

    /// A number that tells requests apart, though not for sure.
    public var key: UInt64 { given.map { UInt64(truncatingIfNeeded: $0.hashValue) } ?? value }

    static let alphabet: StaticString = "abcdefghijklmnopqrstuvwxyz234567"
    /// The length of the text.
    static let textCount = 13

    /// Calls `body` with each byte of the text.
    @inline(__always)
    func forEachByte(_ body: (UInt8) -> Void) {
        if let given { return given.utf8.forEach(body) }
        let alphabet = Self.alphabet.utf8Start
        var shift: UInt64 = 60
        for _ in 0..<Self.textCount {
            body(alphabet[Int((value >> shift) & 31)])
            shift = shift &- 5
        }
    }
}

extension RequestID: CustomStringConvertible {
    /// Thirteen letters and digits, or the text of the proxy.
    public var description: String {
        if let given { return given }
        return String(unsafeUninitializedCapacity: Self.textCount) { buffer in
            var index = 0
            forEachByte {
                buffer.initializeElement(at: index, to: $0)
                index += 1
            }
            return index
        }
    }
}
