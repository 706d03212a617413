import CArgon2
import Glibc
import JOSE

/// How much of what a seeded database holds.
struct SeedPlan {
    /// People, each with a session.
    var people = 10_000
    /// Living grants, each with a family of refresh tokens that has not been refreshed yet.
    var families = 50_000
    /// Clients that the grants are spread over.
    var clients = 10
    /// Codes that can be redeemed, the first for the first grant and so on.
    var codes = 500
    /// Rows beside these that have expired: six in ten are grants, the others sessions and codes.
    var expired = 1000
    /// Microseconds since the epoch.
    let now: Int64

    static let scope = "offline_access \(Installation.machineScope)"
    private static let second: Int64 = 1_000_000
    private static let hour = 3600 * second
    private static let day = 24 * hour

    /// So many people and families, and what belongs to them in proportion.
    init(people: Int, families: Int) {
        self.people = people
        self.families = families
        codes = families / 100
        expired = families / 50
        now = Int64(time(nil)) * SeedPlan.second
    }

    var expiredGrants: Int { expired * 6 / 10 }
    var expiredSessions: Int { expired * 2 / 10 }
    var expiredCodes: Int { expired - expiredGrants - expiredSessions }

    /// The rows of a table.
    func rows(of table: SeedTable) -> Int {
        switch table {
        case .clients: clients
        case .users: people
        case .consents: people
        case .sessions: people + expiredSessions
        case .grants: families + expiredGrants
        case .codes: codes + expiredCodes
        }
    }

    /// The rows of all tables.
    var rows: Int { SeedTable.allCases.reduce(0) { $0 + rows(of: $1) } }

    /// The client of a grant.
    func client(ofGrant number: Int) -> Int { number % clients }

    /// The person of a grant: families of one person lie next to each other in time, not in any index.
    func person(ofGrant number: Int) -> Int { number % people }

    /// Writes a row, column by column in the order of `SeedTable.columns`.
    func write(_ number: Int, of table: SeedTable, passwordHash: String, to sink: inout some SeedSink) {
        switch table {
        case .clients: writeClient(number, to: &sink)
        case .users: writePerson(number, passwordHash, to: &sink)
        case .sessions: writeSession(number, to: &sink)
        case .consents:
            sink.text(SeedNames.person(number / 2 * 2))
            sink.text(SeedNames.client(number / 2 % clients).id)
            sink.text(number % 2 == 0 ? Installation.machineScope : "offline_access")
            sink.integer(age(number, within: 80 * SeedPlan.day))
        case .grants: writeGrant(number, to: &sink)
        case .codes: writeCode(number, to: &sink)
        }
    }

    private func writeClient(_ number: Int, to sink: inout some SeedSink) {
        let client = SeedNames.client(number)
        sink.text(client.id)
        sink.text("Seeded client \(number)")
        sink.bytes(SHA256.digest(of: client.secret).bytes)
        sink.text("client_secret_basic")
        sink.text(Installation.redirectURI)
        sink.text("")
        sink.text("authorization_code refresh_token")
        sink.text("email \(SeedPlan.scope) openid profile")
        sink.text("first")
        sink.integer(now - 100 * SeedPlan.day)
    }

    private func writePerson(_ number: Int, _ passwordHash: String, to sink: inout some SeedSink) {
        let joined = age(number, within: 700 * SeedPlan.day)
        sink.text(SeedNames.person(number))
        sink.text(SeedNames.email(number))
        sink.integer(1)
        sink.text("Person \(number)")
        sink.text(passwordHash)
        sink.integer(joined)
        sink.integer(joined)
        sink.null()
        sink.null()
    }

    private func writeSession(_ number: Int, to sink: inout some SeedSink) {
        let isExpired = number >= people
        let began =
            isExpired ? age(number, within: SeedPlan.day) - 31 * SeedPlan.day : age(number, within: SeedPlan.day)
        sink.bytes(SHA256.digest(of: SeedNames.sessionSecret(number)).bytes)
        sink.text(SeedNames.session(number))
        sink.text(SeedNames.person(number % people))
        sink.integer(began)
        sink.text("pwd")
        sink.integer(began + 30 * SeedPlan.day)
    }

    private func writeGrant(_ number: Int, to sink: inout some SeedSink) {
        let isExpired = number >= families
        let person = person(ofGrant: number)
        let began =
            isExpired ? age(number, within: SeedPlan.day) - 91 * SeedPlan.day : age(number, within: 80 * SeedPlan.day)
        sink.text(SeedNames.grant(number))
        sink.text(SeedNames.client(client(ofGrant: number)).id)
        sink.text(SeedNames.person(person))
        sink.text(SeedNames.session(person))
        sink.text(SeedPlan.scope)
        sink.integer(1)
        sink.integer(began)
        sink.text("pwd")
        sink.integer(began)
        sink.integer(began + 90 * SeedPlan.day)
        sink.integer(0)
        sink.integer(began)
        sink.null()
        sink.integer(isExpired ? began + 14 * SeedPlan.day : now + 14 * SeedPlan.day)
        sink.null()
    }

    private func writeCode(_ number: Int, to sink: inout some SeedSink) {
        let isExpired = number >= codes
        let grant = number % families
        let issued = isExpired ? age(number, within: SeedPlan.hour) - SeedPlan.hour : now
        sink.bytes(SHA256.digest(of: SeedNames.code(number)).bytes)
        sink.text(SeedNames.grant(grant))
        sink.text(SeedNames.client(client(ofGrant: grant)).id)
        sink.text(Installation.redirectURI)
        sink.text(SeedPlan.challenge)
        sink.null()
        sink.integer(issued)
        sink.integer(isExpired ? issued + 60 * SeedPlan.second : issued + SeedPlan.day)
        sink.null()
    }

    private static let challenge = SHA256.digest(of: AuthorizationAddress.verifier).base64URL

    /// A moment before now, another one for each number.
    private func age(_ number: Int, within span: Int64) -> Int64 {
        now - Int64(truncatingIfNeeded: UInt(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 >> 20) % span
    }

    /// One hash for everybody, at the cost that the server has for new ones: it replaces any other at the first sign-in.
    static func passwordHash() throws -> String {
        let salt = SystemRandom().bytes(16)
        var encoded = [CChar](repeating: 0, count: 160)
        let code = argon2id_hash_encoded(
            3, 64 * 1024, 2, SeedNames.password, SeedNames.password.utf8.count, salt, salt.count, 32, &encoded,
            encoded.count)
        guard code == ARGON2_OK.rawValue else { throw BenchFailure("Argon2 makes no hash") }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
