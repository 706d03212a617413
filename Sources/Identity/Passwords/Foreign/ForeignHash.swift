/// A password hash that another program has made: read once when it is imported, and each time that it is compared.
///
/// Its owner is asked for nothing: the next sign-in replaces it by ours. Until then it is as strong as it was where it
/// comes from, so whoever imports keeps the database as safe as that one.
public enum ForeignHash: Sendable, Equatable {
    /// `$argon2id$`, `$argon2i$`, `$argon2d$`: RFC 9106, also the version before it.
    case argon2(Argon2Hash)
    /// `$2a$`, `$2b$`, `$2y$`.
    case bcrypt(BcryptHash)
    /// `$pbkdf2-sha256$` and its kin: RFC 8018 §5.2.
    case pbkdf2(PBKDF2Hash)
    /// `$scrypt$`: RFC 7914.
    case scrypt(ScryptHash)

    /// Why a hash cannot be used here.
    public enum Refusal: String, Error, Sendable, CaseIterable {
        /// None of the kinds above: plain digests (MD5, SHA-256) and ciphers are not taken, they protect nobody.
        case unknownKind = "unknown_hash"
        /// It begins like one of them and does not go on so.
        case malformed = "malformed_hash"
        /// Comparing it would take longer, or more memory, than an attempt to sign in may.
        case tooCostly = "hash_too_costly"
        /// Its tag or its salt is shorter than what can be told from chance, or longer than any program makes.
        case unfitLength = "unfit_hash_length"
    }

    /// Reads the text of a hash, in the PHC form or the one of crypt(5).
    public init(_ text: String) throws(Refusal) {
        // Longer than the longest salt and tag together.
        guard text.utf8.count <= 1024 else { throw .unfitLength }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[0].isEmpty else { throw .unknownKind }
        let rest = Array(parts[2...])
        switch parts[1] {
        case "argon2id": self = .argon2(try Argon2Hash(.id, rest))
        case "argon2i": self = .argon2(try Argon2Hash(.i, rest))
        case "argon2d": self = .argon2(try Argon2Hash(.d, rest))
        case "2a", "2b", "2y": self = .bcrypt(try BcryptHash(text))
        case "scrypt": self = .scrypt(try ScryptHash(rest))
        case "pbkdf2", "pbkdf2-sha1": self = .pbkdf2(try PBKDF2Hash(.sha1, rest))
        case "pbkdf2-sha256": self = .pbkdf2(try PBKDF2Hash(.sha256, rest))
        case "pbkdf2-sha384": self = .pbkdf2(try PBKDF2Hash(.sha384, rest))
        case "pbkdf2-sha512": self = .pbkdf2(try PBKDF2Hash(.sha512, rest))
        default: throw .unknownKind
        }
    }

    /// The one form in which it is stored.
    public var encoded: String {
        switch self {
        case .argon2(let hash): hash.encoded
        case .bcrypt(let hash): hash.encoded
        case .pbkdf2(let hash): hash.encoded
        case .scrypt(let hash): hash.encoded
        }
    }

    /// Whether a password, as it was typed, gives this hash; compared in constant time.
    ///
    /// Blocks for up to a second or so; throws where a library fails, such as for lack of memory.
    func matches(_ password: [UInt8]) throws -> Bool {
        switch self {
        case .argon2(let hash): try hash.matches(password)
        case .bcrypt(let hash): try hash.matches(password)
        case .pbkdf2(let hash): try hash.matches(password)
        case .scrypt(let hash): try hash.matches(password)
        }
    }

    /// A library did not compute what it was asked for.
    struct Failure: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    /// Tags that are read: below, a chance password would match; above, no program makes them.
    static let tagLengths = 16...128
    /// Salts that are read; none at all is no salt.
    static let saltLengths = 1...256
    /// The most memory that one comparison takes, in bytes.
    static let memoryLimit = 256 << 20

    /// Checks the lengths that every kind has in common.
    static func check(salt: [UInt8], tag: [UInt8]) throws(Refusal) {
        guard tagLengths.contains(tag.count), saltLengths.contains(salt.count) else { throw .unfitLength }
    }
}
