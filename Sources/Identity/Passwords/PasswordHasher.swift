import CArgon2
import JOSE
public import Reactor

/// Hashes and verifies passwords with Argon2id (RFC 9106), in a worker pool of its own so that a flood of sign-ins cannot
/// slow anything else.
///
/// A full queue refuses at once.
public struct PasswordHasher: Sendable {
    private let pool: WorkerPool
    private let parameters: Argon2Parameters
    /// The hash of a password that nobody has: what an unknown account is compared with.
    private let nobody: String
    /// Told of each hash that a password is compared with, just before: for tests of who costs what.
    var comparing: (@Sendable (String) -> Void)?

    /// A library error: out of memory, or a damaged hash.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        let code: Int32

        /// What the library says.
        public var description: String { "Argon2: " + String(cString: argon2_error_message(code)) }
    }

    /// What came of comparing a password with a hash.
    public enum Verdict: Sendable, Equatable {
        /// They differ.
        case differs
        /// They match; `isOutdated` when the hash was made at another cost than is in force.
        case matches(isOutdated: Bool)
    }

    /// A hasher; throws where the library would refuse the parameters.
    public init(pool: WorkerPool, parameters: Argon2Parameters = .standard) throws {
        guard parameters.passes > 0, parameters.lanes > 0, parameters.memory / 8 >= parameters.lanes else {
            throw Failure(code: ARGON2_MEMORY_TOO_LITTLE.rawValue)
        }
        self.pool = pool
        self.parameters = parameters
        nobody = PasswordHasher.unmatchable(parameters)
    }

    /// A hash of the same cost that was never computed: a chance tag, which no password gives.
    private static func unmatchable(_ parameters: Argon2Parameters) -> String {
        let (salt, tag) = (SystemRandom().bytes(16), SystemRandom().bytes(32))
        let parts = [salt, tag].map { Base64.encode($0).prefix { $0 != "=" } }
        let cost = "m=\(parameters.memory),t=\(parameters.passes),p=\(parameters.lanes)"
        return "$argon2id$v=19$\(cost)$\(parts[0])$\(parts[1])"
    }

    /// The encoded hash of a password under a fresh salt.
    ///
    /// Waits in a lane of its own: whoever makes an account is served however many try to sign in.
    public func hash(_ password: Password) async throws -> String {
        let parameters = parameters
        return try await pool.run(in: .other) { try PasswordHasher.encode(password.bytes, parameters) }
    }

    /// Compares a password with a hash; with nil, for an account that is not there, the same work is done for nothing.
    ///
    /// That work is the one of `model`, a hash of somebody else, where there is one: hashes of other programs take another
    /// time than ours, and whoever measures must not learn who has one.
    public func verify(_ password: Password, against hash: String?, like model: String? = nil) async throws -> Verdict {
        guard let hash else {
            let model = model ?? nobody
            // A damaged hash of somebody else is not this person's matter.
            _ = try await pool.run { [comparing] in
                comparing?(model)
                return (try? PasswordHasher.matches(password, model)) ?? false
            }
            return .differs
        }
        let isRight = try await pool.run { [comparing] in
            comparing?(hash)
            return try PasswordHasher.matches(password, hash)
        }
        guard isRight else { return .differs }
        return .matches(isOutdated: Argon2Parameters(encoded: hash) != parameters)
    }

    /// Whether a hash, of ours or of another program, is the one of a password.
    private static func matches(_ password: Password, _ encoded: String) throws -> Bool {
        // Ours may be dearer than what is taken from elsewhere: an operator chose so.
        if Argon2Parameters(encoded: encoded) != nil { return try verify(password.bytes, encoded) }
        let hash = try ForeignHash(encoded)
        // Other programs hash what was typed, and where that is not the fixed form somebody may type it differently now.
        if try hash.matches(password.typed) { return true }
        return password.typed == password.bytes ? false : try hash.matches(password.bytes)
    }

    private static func encode(_ password: [UInt8], _ parameters: Argon2Parameters) throws -> String {
        let salt = SystemRandom().bytes(16)
        let length = argon2_encodedlen(
            parameters.passes,
            parameters.memory,
            parameters.lanes,
            UInt32(salt.count),
            32,
            Argon2_id
        )
        var encoded = [CChar](repeating: 0, count: length)
        let code = argon2id_hash_encoded(
            parameters.passes,
            parameters.memory,
            parameters.lanes,
            password,
            password.count,
            salt,
            salt.count,
            32,
            &encoded,
            encoded.count
        )
        guard code == ARGON2_OK.rawValue else { throw Failure(code: code) }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func verify(_ password: [UInt8], _ encoded: String) throws -> Bool {
        let code = argon2id_verify(encoded, password, password.count)
        switch code {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw Failure(code: code)
        }
    }
}
