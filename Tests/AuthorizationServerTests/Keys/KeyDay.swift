import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores

@testable import AuthorizationServer

/// A day of nodes that share their keys and of clients that keep copies of the key set, second by second.
///
/// The database is the one thing that all see at once. A node hears of a change up to two seconds later, a client when its
/// copy is over and not before: it never asks again for a key that it does not know.
final class KeyDay {
    struct Outcome {
        var verified = 0
        var failures: [String] = []
        var rotations = 0
        /// Rotations that an operator wanted and was refused.
        var refusals = 0
        /// Keys that came to be current.
        var signers: Set<String> = []
    }

    private struct Client {
        var copy: JWKSet?
        var fetchedAt = 0
    }

    private struct Claims: JSONEncodable {
        let issuedAt: Int

        func encode(to writer: inout JSONWriter) { writer.object { $0.member("iat", issuedAt) } }
    }

    private enum Event {
        /// A node looks at the database.
        case look(node: Int)
        case maintain
        case operatorRotates(SignatureAlgorithm)
        case sign(node: Int, SignatureAlgorithm, verifiedAfter: [Int])
        case verify(client: Int, token: String)
    }

    private let policy: Policy
    /// How long clients keep a copy of the key set, in seconds.
    private let copyLifetime: Int
    private let clock = TestClock()
    private let storage = Storage.inMemory()
    private let masterKey: MasterKey
    private let rotation: KeyRotation
    private let rings: [KeyRing]
    private var clients: [Client]
    private let random: SeededRandom
    private var events: [Int: [Event]] = [:]
    private var outcome = Outcome()

    /// `copyLifetime` is what a client that obeys the key set's `max-age` has unless it is given.
    init(seed: UInt64, nodes: Int = 5, clients: Int = 40, copyLifetime: Duration = Policy.keySetLifetime) {
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .edDSA]
        policy.keyRotationInterval = .seconds(2 * 3600)
        policy.accessTokenLifetime = .seconds(900)
        policy.idTokenLifetime = .seconds(900)
        self.policy = policy
        self.copyLifetime = Int(copyLifetime.components.seconds)
        masterKey = MasterKey(Secret(SeededRandom(seed: ~seed).bytes(MasterKey.count)))!
        rotation = KeyRotation(storage.keys, masterKey: masterKey, clock: clock, policy: policy)
        rings = (0..<nodes).map { _ in KeyRing(policy.signingAlgorithms) }
        self.clients = Array(repeating: Client(), count: clients)
        random = SeededRandom(seed: seed)
    }

    private static let day = 86_400

    func run(tokens: Int = 1500, operatorTries: Int = 60) async throws -> Outcome {
        try await rotation.begin()
        clock.advance(by: .seconds(1))
        for ring in rings { ring.load(try await storage.keys.list(), masterKey) }
        plan(tokens: tokens, operatorTries: operatorTries)
        for second in 0..<KeyDay.day {
            // What an event plans for this second comes behind it.
            var done = 0
            while let planned = events[second], done < planned.count {
                try await take(planned[done], at: second)
                done += 1
            }
            events[second] = nil
            clock.advance(by: .seconds(1))
        }
        return outcome
    }

    private func plan(tokens: Int, operatorTries: Int) {
        for second in stride(from: 60, to: KeyDay.day, by: 60) { events[second, default: []].append(.maintain) }
        for _ in 0..<operatorTries { add(.operatorRotates(algorithm()), at: below(KeyDay.day)) }
        for _ in 0..<tokens {
            let lifetime = Int(policy.accessTokenLifetime.components.seconds)
            let moments = [0, below(20), below(lifetime)]
            add(.sign(node: below(rings.count), algorithm(), verifiedAfter: moments), at: below(KeyDay.day))
        }
    }

    private func add(_ event: Event, at second: Int) { events[second, default: []].append(event) }

    private func below(_ bound: Int) -> Int {
        Int(random.bytes(4).reduce(0 as UInt64) { $0 << 8 | UInt64($1) } % UInt64(max(1, bound)))
    }

    private func algorithm() -> SignatureAlgorithm { policy.signingAlgorithms[below(policy.signingAlgorithms.count)] }

    private func take(_ event: Event, at second: Int) async throws {
        switch event {
        case .look(let node): rings[node].load(try await storage.keys.list(), masterKey)
        case .maintain: try await change(at: second) { try await $0.maintain() }
        case .operatorRotates(let algorithm):
            try await change(at: second) { rotation in
                do {
                    if try await rotation.rotate(algorithm) != nil { outcome.rotations += 1 }
                } catch is KeyRotation.Refusal {
                    outcome.refusals += 1
                }
            }
        case .sign(let node, let algorithm, let moments):
            // A new algorithm has no key for the first minutes of the day.
            guard let signers = rings[node].signers(for: algorithm) else { return }
            outcome.signers.insert(signers.keyID)
            let token = try await signers.idToken.sign(Claims(issuedAt: second))
            for moment in moments { add(.verify(client: below(clients.count), token: token), at: second + moment) }
        case .verify(let client, let token): try verify(token, client, at: second)
        }
    }

    /// Changes the keys, and has every node hear of it within two seconds.
    private func change(at second: Int, _ body: (KeyRotation) async throws -> Void) async throws {
        let before = try await storage.versions.current()
        try await body(rotation)
        guard try await storage.versions.current() != before else { return }
        for node in rings.indices { add(.look(node: node), at: second + below(3)) }
    }

    private func verify(_ token: String, _ number: Int, at second: Int) throws {
        if clients[number].copy == nil || second - clients[number].fetchedAt >= copyLifetime {
            clients[number].copy = rings[below(rings.count)].published
            clients[number].fetchedAt = second
        }
        guard let copy = clients[number].copy else { return }
        let expectation = JWTExpectation(
            type: .exactly(IDToken.type), issuer: .anyone, audience: .anyone, expiry: .optional,
            now: Int64(second), leeway: 10)
        do {
            _ = try VerifiedJWT(token, signedBy: copy, as: expectation)
            outcome.verified += 1
        } catch {
            let age = second - clients[number].fetchedAt
            outcome.failures.append("second \(second), client \(number), copy \(age) s old: \(error)")
        }
    }
}

@available(*, unavailable)
extension KeyDay: Sendable {}

extension KeyRing {
    /// Every key here is one of ours.
    fileprivate func load(_ records: [SigningKeyRecord], _ masterKey: MasterKey) {
        try? load(records, opening: masterKey)
    }
}
