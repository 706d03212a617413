internal import COpenSSL

/// Bytes that nobody may see: a key, a client secret.
///
/// Prints redacted, compares in constant time, and is wiped from memory when the last reference goes.
public struct Secret: Sendable {
    private let storage: Storage

    /// Copies bytes; wiping the original is up to the caller.
    public init(_ bytes: Span<UInt8>) {
        self.init(count: bytes.count) { target in
            for index in bytes.indices { target[index] = bytes[index] }
        }
    }

    /// Copies bytes; wiping the original is up to the caller.
    public init(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// Copies the UTF-8 of a text.
    public init(_ text: String) { self.init(text.utf8.span) }

    /// So many bytes, zero until `fill` writes them.
    init(count: Int, filledBy fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        storage = Storage(count: count)
        fill(storage.bytes)
    }

    /// How many bytes there are.
    public var count: Int { storage.bytes.count }

    /// Lends the bytes; copies made of them are outside of this type's care.
    public func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(storage.bytes).span)
    }

    /// Unchecked: the bytes are written before the first reference leaves `Secret.init`, and in `deinit`.
    private final class Storage: @unchecked Sendable {
        let bytes: UnsafeMutableBufferPointer<UInt8>

        init(count: Int) {
            bytes = .allocate(capacity: count)
            bytes.initialize(repeating: 0)
        }

        deinit {
            OPENSSL_cleanse(bytes.baseAddress, bytes.count)
            bytes.deallocate()
        }
    }
}

extension Secret: Equatable {
    /// Whether two secrets are the same, in time that depends on their lengths only.
    public static func == (left: Secret, right: Secret) -> Bool {
        left.withBytes { left in right.withBytes { right in constantTimeEquals(left, right) } }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the bytes.
    public var description: String { "redacted" }

    /// Never the bytes.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
