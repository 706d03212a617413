/// How large a JSON text may be before the reader refuses it: RFC 8259 §9 lets a parser set limits.
public struct JSONLimits: Sendable, Equatable {
    /// Longest text, in bytes.
    public let bytes: Int
    /// Deepest nesting of arrays and objects; `[]` is 1.
    ///
    /// At most 128, since the reader recurses.
    public let depth: Int

    /// Limits of 256 KiB and 32 levels, ample for every document of OAuth and OpenID Connect.
    public static let standard = JSONLimits(bytes: 256 * 1024, depth: 32)

    /// Limits of choice.
    public init(bytes: Int, depth: Int = 32) {
        self.bytes = bytes
        self.depth = min(depth, 128)
    }
}
