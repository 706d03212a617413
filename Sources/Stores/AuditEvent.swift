public import OAuthTypes

/// One security event: who did what, on whom, from where, with which client, and what came of it.
///
/// What tells of a person beyond their identifier is sealed under a key of that person: when the key is destroyed the
/// event stays, and stays as it was written.
public struct AuditEvent: Sendable, Equatable {
    /// Names the event: 32 hexadecimal digits, in the order of time as far as the clocks of the nodes agree.
    public let id: String
    /// When it happened, by the clock of the node.
    public let at: Timestamp
    /// What happened, in a word that is never given another meaning, such as `sign_in`.
    public let action: String
    /// What came of it.
    public let outcome: Outcome
    /// Who did it.
    public let actor: Actor
    /// The account it happened to.
    public let subject: UserID?
    /// The client it happened with.
    public let client: ClientID?
    /// The request it happened in; what the access log calls it.
    public let requestID: String?
    /// The network it came from, `/24` or `/48`: not a person's address.
    public let network: String?
    /// What else belongs to it and tells of no person, as JSON; nil for nothing.
    public let details: String?
    /// What tells of the person, sealed; nil for nothing.
    public let sealed: [UInt8]?

    /// What came of an event.
    public enum Outcome: String, Sendable, CaseIterable {
        /// It was done.
        case succeeded
        /// Whoever asked was not allowed to, or did not prove who they are.
        case refused
        /// There had been too many before.
        case limited
    }

    /// Who did something.
    public enum Actor: Sendable, Equatable {
        /// A person, signed in or proving it.
        case person(UserID)
        /// Somebody of whom nothing is known.
        case stranger
        /// A client by itself.
        case client
        /// Whoever has the command line, by the name of their account on that machine.
        case administrator(String)
        /// The server by itself.
        case server

        /// The actor as one text.
        public var text: String {
            switch self {
            case .person(let id): "person:" + id.rawValue
            case .stranger: "stranger"
            case .client: "client"
            case .administrator(let name): "administrator:" + name
            case .server: "server"
            }
        }

        /// Nil for a text that means none.
        public init?(text: String) {
            switch text {
            case "stranger": self = .stranger
            case "client": self = .client
            case "server": self = .server
            default:
                if text.hasPrefix("person:") {
                    self = .person(UserID(rawValue: String(text.dropFirst(7))))
                } else if text.hasPrefix("administrator:") {
                    self = .administrator(String(text.dropFirst(14)))
                } else {
                    return nil
                }
            }
        }
    }

    /// An event with every field named.
    public init(
        id: String, at: Timestamp, action: String, outcome: Outcome, actor: Actor, subject: UserID?, client: ClientID?,
        requestID: String?, network: String?, details: String?, sealed: [UInt8]?
    ) {
        self.id = id
        self.at = at
        self.action = action
        self.outcome = outcome
        self.actor = actor
        self.subject = subject
        self.client = client
        self.requestID = requestID
        self.network = network
        self.details = details
        self.sealed = sealed
    }

    /// How the names of events of a moment begin: every event before it has a lesser name.
    public static func name(at moment: Timestamp) -> String {
        let digits = String(UInt64(max(0, moment.microseconds)), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
