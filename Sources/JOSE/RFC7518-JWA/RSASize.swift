/// The lengths in which RSA keys are made, in bits: NIST SP 800-57 part 1 §5.6.1.
public enum RSASize: Int, Sendable, CaseIterable {
    /// As strong as 112 bits: what most providers use; signs four times as fast as the next.
    case bits2048 = 2048
    /// As strong as 128 bits, like P-256.
    case bits3072 = 3072
    /// For those who are told to use it.
    case bits4096 = 4096
}
