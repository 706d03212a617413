internal import Glibc

/// Where unpredictable bytes come from.
///
/// Tests put a seeded source in its place.
public protocol RandomSource: Sendable {
    /// So many fresh bytes.
    func bytes(_ count: Int) -> [UInt8]
}

/// The random source of the kernel.
///
/// Read with getentropy(3), which needs less than half the time of RAND_bytes for a token and is safe across fork.
public struct SystemRandom: RandomSource {
    /// The random source of the kernel.
    public init() {}

    /// So many fresh bytes; none for a count below 1.
    public func bytes(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            while written < count {
                let chunk = min(count - written, 256)  // the most that one call gives
                // Only a kernel without the call fails. Going on with predictable tokens would be worse than to stop.
                guard let start = buffer.baseAddress, getentropy(start + written, chunk) == 0 else {
                    fatalError("the kernel gives no random bytes")
                }
                written += chunk
            }
        }
    }
}
