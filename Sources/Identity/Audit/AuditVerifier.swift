public import JOSE
import JSON
public import OAuthTypes
public import Stores

/// Follows the chain of security events link by link, and says where it is broken.
///
/// What it proves: between the first event that it saw and the last checkpoint, nothing was changed, removed, added or
/// moved since the holder of the checkpoint's key signed it. Not: that whoever holds that key did not write all anew, nor
/// what became of events behind the last checkpoint; an older export, or the server's log, which names every checkpoint,
/// shows that.
public struct AuditVerifier: Sendable {
    /// What is wrong, and where it begins.
    public enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// The event of that place is not there.
        case missing(sequence: Int64)
        /// The event of that place is not the one that was put there.
        case changed(sequence: Int64, id: String)
        /// A checkpoint says something else than the chain.
        case contradicted(sequence: Int64)
        /// A checkpoint was not signed by its key, or for another place or issuer.
        case forged(sequence: Int64)
        /// A line is none of the log, or stands where it cannot.
        case unreadable(line: Int)
        /// The end is missing.
        case cutOff(behind: Int64)

        /// One sentence.
        public var description: String {
            switch self {
            case .missing(let sequence): "event \(sequence) is missing"
            case .changed(let sequence, let id):
                "event \(sequence) (\(id)) was changed, or another one was put in its place"
            case .contradicted(let sequence):
                "the checkpoint at event \(sequence) contradicts the chain: it was written anew up to there"
            case .forged(let sequence): "the checkpoint at event \(sequence) is not signed by the key that it names"
            case .unreadable(let line): "line \(line) is no line of the log, or not in its place"
            case .cutOff(let sequence): "the file ends without its last line, behind event \(sequence)"
            }
        }
    }

    /// What was found of a chain that holds.
    public struct Finding: Sendable, Equatable {
        /// The issuer, as checkpoints name it.
        public var issuer: String?
        /// The place of the first event; 1, unless older ones were removed or left out.
        public var first: Int64?
        /// The place of the last one.
        public var last: Int64?
        /// How many checkpoints there were.
        public var checkpoints = 0
        /// The last checkpoint's place.
        public var covered: Int64?
        /// When it was signed.
        public var coveredAt: Timestamp?
        /// The place of the last checkpoint that is signed by a key which the caller knows.
        public var trusted: Int64?
        /// The place up to which the log itself says that events were removed by their age; 0 where it says nothing.
        public var pruned: Int64 = 0
        /// The thumbprints of the keys that signed (RFC 7638), in the order in which they first did.
        public var keys: [String] = []
    }

    /// What was found so far.
    public private(set) var finding = Finding()

    private let known: Set<String>
    private var sequence: Int64 = 0
    private var digest: TokenDigest?
    private var isAnchored = false

    /// A check that begins at the first event, or at a checkpoint; `known` are the keys that are trusted.
    public init(trusting known: [PublicKey] = []) {
        self.known = Set(known.map(\.thumbprint))
    }

    /// Looks at the next event.
    public mutating func take(_ next: LinkedAuditEvent) throws(Fault) {
        // Where older events are gone a checkpoint has come first.
        guard next.link.sequence == sequence + 1 else { throw .missing(sequence: sequence + 1) }
        guard next.link.id == next.event.id,
            next.link.digest == AuditChain.digest(of: next.event, at: next.link.sequence, behind: digest)
        else { throw .changed(sequence: next.link.sequence, id: next.event.id) }
        sequence = next.link.sequence
        digest = next.link.digest
        isAnchored = true
        finding.first = finding.first ?? sequence
        finding.last = sequence
        if next.event.action == AuditAction.logPruned.rawValue, next.event.actor == .server {
            finding.pruned = max(finding.pruned, AuditVerifier.through(next.event))
        }
    }

    private static func through(_ event: AuditEvent) -> Int64 {
        let details = event.details.flatMap { try? JSONObject(parsing: Array($0.utf8)) }
        return details?["through"]?.string.flatMap { Int64($0) } ?? 0
    }

    /// Looks at a checkpoint: it stands behind its event, or before all.
    public mutating func take(_ checkpoint: AuditCheckpoint) throws(Fault) {
        guard let seal = try? AuditSeal(checkpoint: checkpoint), (finding.issuer ?? seal.issuer) == seal.issuer else {
            throw .forged(sequence: checkpoint.sequence)
        }
        if isAnchored {
            guard seal.sequence <= sequence else { throw .missing(sequence: sequence + 1) }
            guard seal.sequence == sequence, seal.digest == digest else { throw .contradicted(sequence: seal.sequence) }
        } else {
            guard seal.sequence > 0 else { throw .forged(sequence: checkpoint.sequence) }
            (sequence, digest, isAnchored) = (seal.sequence, seal.digest, true)
        }
        finding.issuer = seal.issuer
        finding.checkpoints += 1
        finding.covered = seal.sequence
        finding.coveredAt = seal.at
        if known.contains(seal.key.thumbprint) { finding.trusted = seal.sequence }
        if !finding.keys.contains(seal.key.thumbprint) { finding.keys.append(seal.key.thumbprint) }
    }
}

extension AuditVerifier {
    /// Looks at an exported log, line by line; `next` gives the bytes of each, nil behind the last.
    public mutating func read(_ next: () throws -> [UInt8]?) throws {
        var number = 0
        var hasEnded = false
        while let bytes = try next() {
            number += 1
            guard !hasEnded, let line = AuditLine(bytes) else { throw Fault.unreadable(line: number) }
            switch line {
            case .beginning(let issuer, _):
                guard number == 1 else { throw Fault.unreadable(line: number) }
                // Before the first checkpoint nobody has said whose it is.
                finding.issuer = issuer.isEmpty ? nil : issuer
            case .event(let event):
                guard number > 1 else { throw Fault.unreadable(line: number) }
                try take(event)
            case .checkpoint(let checkpoint):
                guard number > 1 else { throw Fault.unreadable(line: number) }
                try take(checkpoint)
            case .end(let end):
                guard number > 1 else { throw Fault.unreadable(line: number) }
                guard end == sequence else { throw Fault.missing(sequence: sequence + 1) }
                hasEnded = true
            }
        }
        guard hasEnded else { throw Fault.cutOff(behind: sequence) }
    }

    /// Looks at the whole log in a store; `progress` is told each place that was reached.
    public mutating func read(_ store: any AuditStore, progress: (Int64) throws -> Void = { _ in }) async throws {
        var verifier = self
        defer { self = verifier }
        try await AuditReading(store).lines { line in
            switch line {
            case .event(let event):
                try verifier.take(event)
                try progress(event.link.sequence)
            case .checkpoint(let checkpoint): try verifier.take(checkpoint)
            case .beginning, .end: break
            }
        }
        // All of it was read: what is not there must have been removed by its age.
        let first = verifier.finding.first ?? verifier.sequence + 1
        guard first - 1 <= verifier.finding.pruned else { throw Fault.missing(sequence: verifier.finding.pruned + 1) }
    }
}
