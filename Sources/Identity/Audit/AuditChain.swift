import JOSE
public import OAuthTypes
public import Stores

/// The chain of security events: each link's digest covers the one before it, so that nothing is changed, taken out or
/// put in between without all that follows being written anew.
public enum AuditChain {
    /// The digest of an event behind another one; `previous` is nil for the first.
    ///
    /// SHA-256 over a label, the digest before, the place, and every field with its length in front.
    public static func digest(of event: AuditEvent, at sequence: Int64, behind previous: TokenDigest?) -> TokenDigest {
        var hash = SHA256()
        hash.update(Array("martlet audit 1".utf8))
        hash.update(previous?.bytes ?? [UInt8](repeating: 0, count: 32))
        hash.update(bytes(of: sequence))
        hash.update(bytes(of: event.at.microseconds))
        let texts = [
            event.id, event.action, event.outcome.rawValue, event.actor.text, event.subject?.rawValue,
            event.client?.rawValue, event.requestID, event.network, event.details,
        ]
        for text in texts { add(text.map { Array($0.utf8) }, to: &hash) }
        add(event.sealed, to: &hash)
        // A SHA-256 digest has 32 bytes by its type.
        return TokenDigest(bytes: hash.finalize().bytes)!
    }

    /// What is not there is another thing than what is empty.
    private static func add(_ value: [UInt8]?, to hash: inout SHA256) {
        hash.update(bytes(of: value.map { Int64($0.count) } ?? -1))
        if let value { hash.update(value) }
    }

    private static func bytes(of number: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
