/// A short id of one request, for logs and for the `X-Request-Id` field of its answer.
///
/// Unique, not secret: never use it as a token.
public struct RequestID: Sendable, Hashable {
    let value: UInt64

    /// An id from 64 bits.
    public init(_ value: UInt64) {
        self.value = value
    }

    static let alphabet: StaticString = "abcdefghijklmnopqrstuvwxyz234567"
    /// The length of the text.
    static let textCount = 13

    /// Calls `body` with each byte of the text.
    @inline(__always)
    func forEachByte(_ body: (UInt8) -> Void) {
        let alphabet = Self.alphabet.utf8Start
        var shift: UInt64 = 60
        for _ in 0..<Self.textCount {
            body(alphabet[Int((value >> shift) & 31)])
            shift = shift &- 5
        }
    }
}

extension RequestID: CustomStringConvertible {
    /// Thirteen letters and digits.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textCount) { buffer in
            var index = 0
            forEachByte {
                buffer.initializeElement(at: index, to: $0)
                index += 1
            }
            return index
        }
    }
}
