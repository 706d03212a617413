/// Derives a key from an agreed secret with SHA-256: NIST SP 800-56A §5.8.1, as RFC 7518 §4.6.2 has it.
enum ConcatKDF {
    /// A key of `count` bytes for an algorithm: `enc` for direct agreement, `alg` if the key wraps another.
    ///
    /// `apu` and `apv` say for whom it is, decoded.
    static func derive(
        from agreed: Secret, algorithm: String, apu: [UInt8], apv: [UInt8], count: Int
    ) -> Secret {
        var info: [UInt8] = []
        for field in [Array(algorithm.utf8), apu, apv] {
            info += bigEndian(field.count)
            info += field
        }
        info += bigEndian(count * 8)
        return Secret(count: count) { output in
            var written = 0
            var round = 1
            while written < output.count {
                var hash = SHA256()
                hash.update(bigEndian(round))
                agreed.withBytes { hash.update($0) }
                hash.update(info)
                hash.finalize().withBytes { digest in
                    for byte in digest.prefix(output.count - written) {
                        output[written] = byte
                        written += 1
                    }
                }
                round += 1
            }
        }
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian) { Array($0) }
    }
}
