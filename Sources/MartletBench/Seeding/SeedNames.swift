import JOSE

/// The names and secrets of seeded rows: each follows from its number, so that a load makes the tokens of any row without
/// reading it, and so does a statement of `pgbench`.
///
/// Whoever knows this file knows them all: a seeded database is for measuring.
enum SeedNames {
    /// The password of everybody.
    static let password = Installation.password

    /// The identifier of a person.
    static func person(_ number: Int) -> String { "u_" + identifier("person", number) }

    /// The address of a person.
    static func email(_ number: Int) -> String { "person-\(number)@example.com" }

    /// The identifier of a grant, which its refresh tokens carry.
    static func grant(_ number: Int) -> String { identifier("grant", number) }

    /// What computes `grant` in PostgreSQL from an expression for the number.
    static func grantSQL(_ number: String) -> String {
        "translate(rtrim(encode(substr(sha256(('grant-' || \(number))::bytea), 1, 16), 'base64'), '='), '+/', '-_')"
    }

    /// The identifier of a session, which clients and grants know.
    static func session(_ number: Int) -> String { identifier("session", number) }

    /// What the cookie of a session holds.
    static func sessionSecret(_ number: Int) -> String { SHA256.digest(of: "session-secret-\(number)").base64URL }

    /// An authorization code: all are of one length.
    static func code(_ number: Int) -> String { "seeded-code-\(codeOffset + number)" }

    /// What computes the digest of a code in PostgreSQL from an expression for the number.
    static func codeDigestSQL(_ number: String) -> String {
        "sha256(('seeded-code-' || (\(codeOffset) + \(number)))::bytea)"
    }

    /// A client.
    static func client(_ number: Int) -> Installation.Client {
        Installation.Client(
            id: "seeded-client-\(number)", secret: SHA256.digest(of: "client-secret-\(number)").base64URL)
    }

    private static let codeOffset = 1_000_000_000_000

    private static func identifier(_ kind: String, _ number: Int) -> String {
        Base64URL.encode(Array(SHA256.digest(of: "\(kind)-\(number)").bytes.prefix(16)))
    }
}

/// Refresh tokens of seeded families, made as the server makes them: an identifier, a generation and a MAC.
struct SeededTokens: Sendable {
    /// The length of a token.
    static let length = 80

    private let keyID: [UInt8]
    private let mac: HMACSHA256

    /// Makes tokens of a server with this master key.
    init(_ masterKey: MasterKey) {
        keyID = masterKey.id.bytes
        mac = HMACSHA256(key: masterKey.subkey(purpose: "refresh tokens"))
    }

    /// The token of a family that was refreshed so many times.
    func token(_ number: Int, generation: Int) -> String {
        var bytes = keyID + SHA256.digest(of: "grant-\(number)").bytes.prefix(16)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: generation >> shift))
        }
        bytes += mac.authenticate(bytes).bytes
        return Base64URL.encode(bytes)
    }
}
