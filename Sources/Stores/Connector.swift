public import OAuthTypes

/// Marks identifiers of connectors.
public enum ConnectorKind: Sendable {}
/// Names one connector: a word that an operator chose, which stands in its addresses.
public typealias ConnectorID = Identifier<ConnectorKind>

extension Identifier<ConnectorKind> {
    /// A word of 1 to 32 small letters, digits and single hyphens that begins with a letter; nil for any other text.
    ///
    /// It stands in the address that the provider sends people back to, and means the same in every case-folding.
    public init?(word: String) {
        let bytes = Array(word.utf8)
        guard (1...32).contains(bytes.count), let first = bytes.first, let last = bytes.last,
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first), last != UInt8(ascii: "-"),
            bytes.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }), !zip(bytes, bytes.dropFirst()).contains(where: { $0 == $1 && $0 == UInt8(ascii: "-") })
        else { return nil }
        self.init(rawValue: word)
    }
}

/// A provider or directory at which people prove who they are, as an operator set it up.
public struct Connector: Sendable, Equatable {
    /// How it is spoken to.
    public enum Kind: String, Sendable, CaseIterable {
        /// OpenID Connect: an ID token says who the person is.
        case openID = "oidc"
        /// OAuth 2.0 alone: a call of an API says it.
        case oauth2
        /// A directory that compares passwords.
        case ldap
    }

    /// Its name in addresses.
    public let id: ConnectorID
    /// How it is spoken to.
    public let kind: Kind
    /// The provider whose addresses and habits the program knows; nil where the settings say everything.
    public var preset: String?
    /// What people read on its button; 1 to 100 characters.
    public var name: String
    /// A JSON object of the settings of its kind.
    public var settings: String
    /// The secret that we prove ourselves with there, sealed; nil where there is none.
    public var sealedSecret: [UInt8]?
    /// Its place among the buttons: the least comes first, equals by their identifiers.
    public var position: Int
    /// When it was set up.
    public let createdAt: Timestamp
    /// When it was last changed.
    public var updatedAt: Timestamp
    /// Since when nobody signs in by it; nil while people do.
    public var disabledAt: Timestamp?

    /// A connector with every field named.
    public init(
        id: ConnectorID, kind: Kind, preset: String?, name: String, settings: String, sealedSecret: [UInt8]?,
        position: Int, createdAt: Timestamp, updatedAt: Timestamp, disabledAt: Timestamp?
    ) {
        self.id = id
        self.kind = kind
        self.preset = preset
        self.name = name
        self.settings = settings
        self.sealedSecret = sealedSecret
        self.position = position
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.disabledAt = disabledAt
    }

    /// When it is changed that takes the place of this one at `now`: never at the same moment twice.
    public func changed(at now: Timestamp) -> Timestamp { max(now, updatedAt + .microseconds(1)) }

    /// Whether people sign in by it.
    public var isEnabled: Bool { disabledAt == nil }
}

/// What came of putting a connector in the place of another.
public enum ConnectorReplacement: Sendable, Equatable {
    /// It is there now.
    case replaced
    /// Somebody else has changed what was read: nothing has changed.
    case changed
    /// There is none.
    case unknown
}

/// Connectors.
///
/// A change is seen by every node within two seconds (see `VersionStore`).
public protocol ConnectorStore: Sendable {
    /// Adds a connector; false where the identifier is taken, and then nothing has changed.
    func insert(_ connector: Connector) async throws -> Bool
    /// The connector of that identifier.
    func find(_ id: ConnectorID) async throws -> Connector?
    /// Every connector, in the order of their places.
    func list() async throws -> [Connector]
    /// Puts another in the place of the one that was read, but for `id`, `kind` and `createdAt`.
    ///
    /// Atomic: of any number of concurrent callers that read the same one exactly one gets `.replaced`. What was stored is
    /// changed at the later of `updatedAt` and the moment right after that of `old`, so that no two are taken for one.
    func replace(_ old: Connector, by connector: Connector) async throws -> ConnectorReplacement
    /// Removes a connector with every link to it and all that it said of people; false where there is none.
    ///
    /// Disables it first, since much may hang on it, and that goes bit by bit: whatever interrupts it, call it again.
    func remove(_ id: ConnectorID) async throws -> Bool
}
