/// A SHA-256 digest: 32 bytes in place, without an array behind it.
///
/// It serves as the key under which tokens are looked up; two digests are compared in constant time.
public struct SHA256Digest: Sendable, Hashable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The length of a digest in bytes.
    public static let count = 32

    /// All bits zero: what nobody knows a text for.
    public static let zero = SHA256Digest { $0.update(repeating: 0, count: SHA256Digest.count) }

    /// For the primitive: `fill` writes all 32 bytes.
    init(filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { bytes in
            if let start = bytes.baseAddress { fill(start.assumingMemoryBound(to: UInt8.self)) }
        }
        self.words = words
    }

    /// A digest from storage; `nil` unless there are 32 bytes.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.count else { return nil }
        self.init { target in
            for index in bytes.indices { target[index] = bytes[index] }
        }
    }

    /// A digest from storage; `nil` unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// The bytes, for storage.
    public var bytes: [UInt8] { withBytes { bytes in [UInt8](bytes) } }

    /// Adds the bytes to the end of a buffer.
    public func append(to buffer: inout [UInt8]) { withBytes { buffer.append(contentsOf: $0) } }

    /// The first byte: spreads what is kept by digest.
    public var firstByte: UInt8 { withBytes { $0[0] } }

    /// The digest as 43 characters of base64url.
    public var base64URL: String { withBytes { bytes in Base64URL.encode(bytes.span) } }

    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withUnsafeBytes(of: words) { body($0.assumingMemoryBound(to: UInt8.self)) }
    }

    /// Whether two digests are the same, in constant time.
    public static func == (left: Self, right: Self) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
            | (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3) == 0
    }

    /// Feeds the digest to a hasher.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: words) { hasher.combine(bytes: $0) }
    }
}
