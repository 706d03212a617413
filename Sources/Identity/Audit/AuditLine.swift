import JOSE
public import JSON
public import OAuthTypes
public import Stores

/// One line of the exported log: JSON Lines that are verified without a database.
public enum AuditLine: Sendable, Equatable {
    /// The first: whose log, and when it was written.
    case beginning(issuer: String, at: Timestamp)
    /// An event in its place.
    case event(LinkedAuditEvent)
    /// How far the chain had come, signed; it stands behind the event that it names, or before the first one.
    case checkpoint(AuditCheckpoint)
    /// The last: a file without it was cut off.
    case end(sequence: Int64)

    /// Bytes of a line that is looked at.
    public static let limit = 64 * 1024

    private static let version: Int64 = 1

    /// Reads a line; nil for anything that `write` does not make.
    public init?(_ bytes: [UInt8]) {
        guard let members = try? JSONObject(parsing: bytes, limits: JSONLimits(bytes: AuditLine.limit, depth: 6)),
            let line = AuditLine(members)
        else { return nil }
        self = line
    }

    private init?(_ members: JSONObject) {
        switch members["type"]?.string {
        case "martlet-audit"?:
            guard members["version"]?.integer == AuditLine.version, let issuer = members["issuer"]?.string,
                let at = members["at"]?.string.flatMap({ Timestamp(date: $0) })
            else { return nil }
            self = .beginning(issuer: issuer, at: at)
        case "event"?:
            guard let event = LinkedAuditEvent(members) else { return nil }
            self = .event(event)
        case "checkpoint"?:
            guard let sequence = members["sequence"]?.integer, let token = members["token"]?.string,
                let key = members["key"]?.object
            else { return nil }
            let text = String(decoding: key.jsonBytes(), as: UTF8.self)
            self = .checkpoint(AuditCheckpoint(sequence: sequence, token: token, key: text))
        case "end"?:
            guard let sequence = members["sequence"]?.integer else { return nil }
            self = .end(sequence: sequence)
        default: return nil
        }
    }

    /// Writes the line without its break; `personal` is what an event tells of its subject, as JSON.
    ///
    /// That is not under the digest, whose input is the sealed form.
    public func write(to writer: inout JSONWriter, personal: String? = nil) {
        writer.object { writer in
            switch self {
            case .beginning(let issuer, let at):
                writer.member("type", "martlet-audit")
                writer.member("version", AuditLine.version)
                writer.member("issuer", issuer)
                writer.member("at", at.preciseDate)
            case .event(let linked):
                writer.member("type", "event")
                linked.event.write(to: &writer, at: linked.link.sequence, personal: personal)
                writer.member("digest", Base64URL.encode(linked.link.digest.bytes))
            case .checkpoint(let checkpoint):
                writer.member("type", "checkpoint")
                writer.member("sequence", checkpoint.sequence)
                writer.member("token", checkpoint.token)
                writer.member("key", (try? JSONValue(parsing: checkpoint.key)) ?? .string(checkpoint.key))
            case .end(let sequence):
                writer.member("type", "end")
                writer.member("sequence", sequence)
            }
        }
    }
}

extension AuditEvent {
    /// The members of an event; `sequence` is nil for one that has no place yet.
    public func write(to writer: inout JSONWriter, at sequence: Int64?, personal: String?) {
        writer.member("sequence", sequence)
        writer.member("id", id)
        writer.member("at", at.preciseDate)
        writer.member("action", action)
        writer.member("outcome", outcome.rawValue)
        writer.member("actor", actor.text)
        writer.member("subject", subject?.rawValue)
        writer.member("client_id", client?.rawValue)
        writer.member("request_id", requestID)
        writer.member("network", network)
        // What somebody put there that is no JSON comes out as a text, and its digest tells.
        writer.member("details", details.map { (try? JSONValue(parsing: $0)) ?? .string($0) })
        writer.member("sealed", sealed.map { Base64URL.encode($0) })
        writer.member("personal", personal.map { (try? JSONValue(parsing: $0)) ?? .string($0) })
    }
}

extension LinkedAuditEvent {
    private static let names: Set<String> = [
        "type", "sequence", "id", "at", "action", "outcome", "actor", "subject", "client_id", "request_id", "network",
        "details", "sealed", "personal", "digest",
    ]

    /// Nil where anything has no place in an event: all that is read must be under the digest.
    fileprivate init?(_ members: JSONObject) {
        guard members.allSatisfy({ LinkedAuditEvent.names.contains($0.name) }),
            let sequence = members["sequence"]?.integer, let id = members["id"]?.string,
            let date = members["at"]?.string, let at = Timestamp(date: date), at.preciseDate == date,
            let action = members["action"]?.string,
            let outcome = members["outcome"]?.string.flatMap({ AuditEvent.Outcome(rawValue: $0) }),
            let actor = members["actor"]?.string.flatMap({ AuditEvent.Actor(text: $0) }),
            let digest = members["digest"]?.string.flatMap({ Base64URL.decode($0) }).flatMap({ TokenDigest(bytes: $0) })
        else { return nil }
        var isWhole = true
        func text(_ name: String) -> String? {
            guard let value = members[name] else { return nil }
            isWhole = isWhole && value.string != nil
            return value.string
        }
        func bytes(_ name: String) -> [UInt8]? {
            guard let value = text(name) else { return nil }
            let bytes = Base64URL.decode(value)
            isWhole = isWhole && bytes != nil
            return bytes
        }
        var client: ClientID?
        if let value = text("client_id") {
            client = ClientID(value)
            isWhole = isWhole && client != nil
        }
        let event = AuditEvent(
            id: id, at: at, action: action, outcome: outcome, actor: actor,
            subject: text("subject").map(UserID.init(rawValue:)), client: client, requestID: text("request_id"),
            network: text("network"),
            details: members["details"].map { $0.string ?? String(decoding: $0.jsonBytes(), as: UTF8.self) },
            sealed: bytes("sealed"))
        guard isWhole else { return nil }
        self.init(event: event, link: AuditLink(id: id, sequence: sequence, digest: digest))
    }
}
