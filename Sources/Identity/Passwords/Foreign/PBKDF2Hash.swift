import JOSE

/// A hash of PBKDF2 with HMAC: RFC 8018 §5.2.
public struct PBKDF2Hash: Sendable, Equatable {
    /// The hash below the HMAC.
    public enum Digest: String, Sendable {
        /// SHA-1, whose weakness does not touch HMAC.
        case sha1
        /// SHA-256.
        case sha256
        /// SHA-384.
        case sha384
        /// SHA-512.
        case sha512

        /// Bytes of a block of the result.
        var count: Int {
            switch self {
            case .sha1: 20
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    /// The hash below the HMAC.
    public let digest: Digest
    let iterations: UInt32
    let salt: [UInt8]
    let tag: [UInt8]

    /// Iterations times blocks of the result, at most: about two seconds.
    static let workLimit: UInt64 = 4_000_000

    /// A hash by its parts.
    public init(
        _ digest: Digest, iterations: UInt32, salt: [UInt8], tag: [UInt8]
    ) throws(ForeignHash.Refusal) {
        guard iterations > 0 else { throw .malformed }
        try ForeignHash.check(salt: salt, tag: tag)
        let blocks = (tag.count + digest.count - 1) / digest.count
        guard UInt64(iterations) * UInt64(blocks) <= PBKDF2Hash.workLimit else { throw .tooCostly }
        self.digest = digest
        self.iterations = iterations
        self.salt = salt
        self.tag = tag
    }

    /// What follows `$pbkdf2-sha256$`: `i=600000,l=32`, or the bare number of iterations; the length is the tag's own.
    init(_ digest: Digest, _ parts: [String]) throws(ForeignHash.Refusal) {
        guard parts.count == 3 else { throw .malformed }
        let (salt, tag) = (try HashText.decode(parts[1]), try HashText.decode(parts[2]))
        var iterations: UInt32?
        if parts[0].contains("=") {
            let numbers = try HashText.numbers(parts[0], ["i", "l"])
            guard numbers["l"].map({ Int($0) == tag.count }) ?? true else { throw .malformed }
            iterations = numbers["i"]
        } else {
            iterations = try HashText.number(parts[0])
        }
        guard let iterations else { throw .malformed }
        try self.init(digest, iterations: iterations, salt: salt, tag: tag)
    }

    var encoded: String {
        "$pbkdf2-\(digest.rawValue)$i=\(iterations),l=\(tag.count)$\(HashText.encode(salt))$\(HashText.encode(tag))"
    }

    func matches(_ password: [UInt8]) throws -> Bool {
        let computed = try KeyDerivation.pbkdf2(
            password, salt: salt, iterations: iterations, digest: digest, count: tag.count)
        return constantTimeEquals(computed, tag)
    }
}
