public import JOSE
import JSON
public import OAuthTypes
public import Stores

/// Gives what was noted its place in the chain, signs how far it has come, and lets go of what is too old.
///
/// Any number of nodes and commands may do so at once: the store gives each place once, and who comes second lets it be.
public struct AuditLinker: Sendable {
    private let storage: Storage
    private let issuer: String
    private let masterKey: MasterKey?
    private let audit: AuditTrail
    private let clock: any TimeSource
    private let device: DeviceSignature

    /// The signature of a message by a key that stays in a device, in the form that JWS uses.
    public typealias DeviceSignature = @Sendable (_ message: [UInt8], _ key: DeviceKey) async throws -> [UInt8]

    /// Events linked in one go.
    static let batch = 500
    /// A checkpoint comes after so many events, or after so long.
    static let checkpointEvents: Int64 = 1000
    /// How long that is.
    static let checkpointTime = Duration.seconds(15 * 60)

    /// A linker of an issuer's events; without the master key it signs nothing.
    public init(
        _ storage: Storage, issuer: String, masterKey: MasterKey?, audit: AuditTrail, clock: any TimeSource,
        device: @escaping DeviceSignature = { _, _ in throw KeyDeviceError.noProvider }
    ) {
        self.device = device
        self.storage = storage
        self.issuer = issuer
        self.masterKey = masterKey
        self.audit = audit
        self.clock = clock
    }

    /// Links everything that waits; answers how many events that were.
    @discardableResult
    public func link() async throws -> Int {
        let events = storage.audit
        // The head first: whoever links in between takes the place behind it, and then ours is refused.
        var head: (sequence: Int64, digest: TokenDigest)?
        if let link = try await events.head() { head = (link.sequence, link.digest) }
        var open = try await events.unlinked(limit: AuditLinker.batch)
        guard !open.isEmpty else { return 0 }
        var count = 0
        while true {
            var links: [AuditLink] = []
            for event in open {
                let sequence = (head?.sequence ?? 0) + 1
                let digest = AuditChain.digest(of: event, at: sequence, behind: head?.digest)
                links.append(AuditLink(id: event.id, sequence: sequence, digest: digest))
                head = (sequence, digest)
            }
            // Another one was first: it has done this batch.
            guard try await events.link(links) else { return count }
            count += links.count
            guard open.count == AuditLinker.batch else { return count }
            open = try await events.unlinked(limit: AuditLinker.batch)
        }
    }

    /// When a checkpoint is made.
    public enum Occasion: Sendable {
        /// Where there are many events since the last one, or it is long ago, or another key signs now.
        case due
        /// Where there is any event since the last one.
        case anyEvent
    }

    /// Signs how far the chain has come; nil where there is no occasion.
    public func checkpoint(_ occasion: Occasion = .due) async throws -> AuditSeal? {
        guard let masterKey, var head = try await storage.audit.head() else { return nil }
        let last = try await storage.audit.checkpoint(through: head.sequence)
        // One that is broken is for those who verify to find: the next one is signed all the same.
        let seal = last.flatMap { try? AuditSeal(checkpoint: $0) }
        guard let key = try AuditLinker.signer(try await storage.keys.list(), masterKey) else { return nil }
        if let seal, seal.key.keyID != key.keyID {
            // At once, while the key before is still published: whoever trusts only the new one misses nothing.
            try await audit.note(.logKeyChanged, by: .server, from: .here, details: ["kid": key.keyID])
            try await link()
            guard let moved = try await storage.audit.head() else { return nil }
            head = moved
        } else {
            let news = head.sequence - (last?.sequence ?? 0)
            let isDue = occasion == .anyEvent || news >= AuditLinker.checkpointEvents
            let isLate = seal.map { clock.now - $0.at >= AuditLinker.checkpointTime } ?? true
            guard news > 0, isDue || isLate else { return nil }
        }
        let new = AuditSeal(
            issuer: issuer, sequence: head.sequence, digest: head.digest, at: clock.now, key: key.publicKey)
        try await storage.audit.add(try await new.checkpoint(signedBy: key, device: device))
        return new
    }

    /// The current key of the algorithm that everybody can verify, or else any current one.
    private static func signer(_ records: [SigningKeyRecord], _ masterKey: MasterKey) throws -> StoredSigningKey? {
        let current = records.filter { $0.state == .current }
        let record =
            current.first { $0.algorithm == SignatureAlgorithm.es256.rawValue }
            ?? current.first { SignatureAlgorithm(rawValue: $0.algorithm) != nil }
        return try record.map {
            try StoredSigningKey(opening: $0.sealed, with: masterKey, named: $0.id.rawValue)
        }
    }

    /// Removes events before a moment, as far as a checkpoint covers them; answers how many.
    ///
    /// That checkpoint stays, so that what is left is still verified from its beginning; and the head stays, so that
    /// nothing begins anew. `pause` is called between batches.
    public func prune(before moment: Timestamp, pause: () async throws -> Void = {}) async throws -> Int {
        guard let place = try await storage.audit.place(before: moment), let head = try await storage.audit.head(),
            let last = try await storage.audit.checkpoint(
                signedBefore: moment, through: min(place, head.sequence - 1)),
            let first = try await storage.audit.list(after: 0, limit: 1).first?.link.sequence, first <= last.sequence
        else { return 0 }
        // Before anything goes: what is missing without such an event was removed by somebody else.
        try await audit.note(
            .logPruned, by: .server, from: .here,
            details: ["through": "\(last.sequence)", "events": "\(last.sequence - first + 1)"])
        try await link()
        var count = 0
        while true {
            let pruned = try await storage.audit.prune(through: last.sequence, limit: AuditLinker.batch)
            count += pruned
            guard pruned == AuditLinker.batch else { break }
            try await pause()
        }
        return count
    }
}
