public import JOSE
import Synchronization

/// A random source that gives the same bytes in every run: SplitMix64, for tests only.
public final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>

    /// A source that starts at a seed.
    public init(seed: UInt64 = 1) {
        state = Mutex(seed)
    }

    /// So many bytes.
    public func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<max(0, count)).map { _ in
                state &+= 0x9E37_79B9_7F4A_7C15
                var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: word ^ word >> 31)
            }
        }
    }
}
