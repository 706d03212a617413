import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

/// Stores with two people, a signing key and everything that keeps the log.
struct AuditGround: Sendable {
    let storage: Storage
    let clock = TestClock()
    let masterKey: MasterKey
    let audit: AuditTrail
    let linker: AuditLinker
    let zoe = UserID(rawValue: "u_7Zk2")
    let ada = UserID(rawValue: "u_9")

    static let issuer = "https://id.example"

    init(_ storage: Storage = .inMemory()) async throws {
        self.storage = storage
        masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        audit = AuditTrail(storage, masterKey: masterKey, clock: clock, random: SeededRandom())
        linker = AuditLinker(
            storage, issuer: AuditGround.issuer, masterKey: masterKey, audit: audit, clock: clock)
        #expect(try await storage.users.insert(.withEveryFieldSet(email: "zoe@example.org", disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional(email: "ada@example.org")))
        _ = try await storage.keys.begin(with: [try record()])
    }

    /// A new key that signs.
    func record() throws -> SigningKeyRecord {
        let key = try SigningKey.generate(.es256)
        return SigningKeyRecord(
            id: KeyID(rawValue: key.keyID), algorithm: "ES256", sealed: try key.sealed(by: masterKey), state: .current,
            createdAt: clock.now, changedAt: clock.now)
    }

    /// The key that signs.
    func publicKey() async throws -> PublicKey {
        let record = try #require(try await storage.keys.list().first { $0.state == .current })
        return try SigningKey(opening: record.sealed, with: masterKey).publicKey
    }

    var origin: AuditOrigin {
        AuditOrigin(
            requestID: "req-1", address: "192.0.2.77", bytes: [192, 0, 2, 77], userAgent: "Mozilla/5.0 Firefox/1")
    }

    /// Notes so many sign-ins, one a second, and links them.
    func sign(in count: Int, _ person: UserID? = nil) async throws {
        for _ in 0..<count {
            clock.advance(by: .seconds(1))
            try await audit.note(.signIn, of: person ?? zoe, with: ClientID("shop"), from: origin, details: ["a": "b"])
        }
        try await linker.link()
    }

    /// The lines of an export.
    func export(since moment: Timestamp? = nil) async throws -> [String] {
        var lines: [String] = [text(.beginning(issuer: AuditGround.issuer, at: clock.now))]
        let last = try await AuditReading(storage.audit).lines(since: moment) { lines.append(text($0)) }
        return lines + [text(.end(sequence: last))]
    }

    private func text(_ line: AuditLine) -> String {
        var writer = JSONWriter()
        line.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// What a check of exported lines finds; throws `AuditVerifier.Fault`.
    static func verify(_ lines: [String], trusting keys: [PublicKey] = []) throws -> AuditVerifier.Finding {
        var verifier = AuditVerifier(trusting: keys)
        var rest = lines[...]
        try verifier.read { rest.popFirst().map { Array($0.utf8) } }
        return verifier.finding
    }

    /// What a check of the stores finds.
    func verify() async throws -> AuditVerifier.Finding {
        var verifier = AuditVerifier(trusting: [try await publicKey()])
        try await verifier.read(storage.audit)
        return verifier.finding
    }
}
