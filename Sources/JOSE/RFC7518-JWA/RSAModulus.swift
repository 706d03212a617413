/// What is asked of the public numbers of RSA: RFC 7518 §3.3, §6.3.1.
enum RSAModulus {
    /// How long a modulus may be, in bits: shorter is weak, and longer takes too long to compute with.
    static let sizes = 2048...8192

    /// Throws `weakKey` or `invalidKey` for numbers, big-endian without zeros in front, that make no good key.
    ///
    /// An exponent is odd and from 65537 (FIPS 186-5 A.1.1: above 2^16, since attacks on careless padding live on
    /// small ones) to below 2^32 (the time of a verification grows with it; nobody needs more).
    static func check(_ modulus: [UInt8], exponent: [UInt8]) throws(JOSEError) {
        guard let first = modulus.first, first != 0, let last = modulus.last, last & 1 == 1 else { throw .invalidKey }
        let bits = modulus.count * 8 - first.leadingZeroBitCount
        guard bits >= sizes.lowerBound else { throw .weakKey }
        guard bits <= sizes.upperBound else { throw .invalidKey }
        guard exponent.first != 0, (1...4).contains(exponent.count) else { throw .invalidKey }
        let value = exponent.reduce(0) { $0 << 8 | UInt64($1) }
        guard value & 1 == 1, value > 1 else { throw .invalidKey }
        guard value >= 65_537 else { throw .weakKey }
        guard !isFromWeakGenerator(modulus) else { throw .weakKey }
    }

    /// Whether a modulus bears the mark of CVE-2017-15361 ("ROCA"): its factors can be found.
    ///
    /// The primes of those chips are powers of 65537 modulo many small primes, and so are their products. Of other
    /// moduli about one in 2^27 looks so by chance.
    private static func isFromWeakGenerator(_ modulus: [UInt8]) -> Bool {
        marks.allSatisfy { mark in
            let rest = modulus.reduce(0) { ($0 << 8 | Int($1)) % mark.prime }
            return mark.powers[rest]
        }
    }

    /// For each small prime, which remainders are powers of 65537.
    private static let marks: [(prime: Int, powers: [Bool])] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ].map { prime in
        var powers = [Bool](repeating: false, count: prime)
        var power = 1
        while !powers[power] {
            powers[power] = true
            power = power * 65_537 % prime
        }
        return (prime, powers)
    }
}
