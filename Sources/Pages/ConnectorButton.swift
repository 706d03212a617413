import Mustache

/// A button that leads to another provider: the keys of the partial `connector-buttons`.
public struct ConnectorButton: Equatable, Sendable {
    /// The connector's identifier.
    public let id: String
    /// What people call the provider.
    public let name: String
    /// The provider whose mark is drawn; nil for none.
    public let preset: String?
    /// Where it leads.
    public let url: String
    /// Whether the provider does not answer at the moment.
    public let isResting: Bool
    /// Whether it was the last choice in this browser.
    public let isLast: Bool

    /// A button.
    public init(id: String, name: String, preset: String?, url: String, isResting: Bool, isLast: Bool = false) {
        self.id = id
        self.name = name
        self.preset = preset
        self.url = url
        self.isResting = isResting
        self.isLast = isLast
    }

    /// What the address says besides where the person wishes to stay signed in.
    public static let staying = "stay=yes"

    private var mark: ConnectorMark? { preset.flatMap { ConnectorMark(rawValue: $0) } }

    /// `offersStaying` adds the button that says so; its template shows one of the two.
    func value(offersStaying: Bool) -> MustacheValue {
        let staying = url + (url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + ConnectorButton.staying
        return [
            "id": .string(id), "name": .string(name), "url": .link(url), "resting": .bool(isResting),
            "stayingURL": .link(offersStaying ? staying : nil),
            "last": .bool(isLast),
            "letter": mark == nil ? .string(String(name.prefix(1)).uppercased()) : .null,
            "mark": mark?.value ?? .null,
        ]
    }

    static let examples = [
        ConnectorButton(
            id: "google", name: "Google", preset: "google", url: "/interaction/8f2c1d/with/google", isResting: false,
            isLast: true),
        ConnectorButton(
            id: "northwind", name: "Northwind", preset: nil, url: "/interaction/8f2c1d/with/northwind", isResting: true),
    ]
}

/// What went wrong with a provider, as a page says it: the key `connectorProblem` of the partial `connector-problem`.
public struct ConnectorProblem: Equatable, Sendable {
    /// Everything that can.
    public enum Kind: String, Sendable, CaseIterable {
        /// Nobody signs in by it any more; it has no name then.
        case off
        /// The person did not agree there.
        case declined
        /// The provider does not answer.
        case unavailable
        /// It does not take us.
        case misconfigured
        /// Its answer cannot be believed.
        case failed
        /// It took too long, or came twice.
        case expired
        /// It has not asked the person again.
        case stale
        /// The same where it was to be connected.
        case unasked
        /// It has not asked for a second factor, which the client wants.
        case weak
        /// Addresses of that domain may not.
        case domain
        /// It vouches for no address.
        case address
        /// There is no account, and none is made.
        case account
        /// Too many came from the same network.
        case limited
        /// The account may not be linked.
        case link
        /// The account is closed.
        case closed
        /// It opens another account.
        case taken
        /// It is the last way in.
        case kept
        /// What was typed is its password, and the account has another.
        case own
    }

    /// What it was.
    public let kind: Kind
    /// What people call the provider.
    public let name: String

    /// Under which the log knows more; nil for nothing.
    public let supportCode: String?

    /// A problem by its word; what is no word of ours is `failed`.
    public init(_ word: String, name: String, supportCode: String? = nil) {
        self.supportCode = supportCode
        kind = Kind(rawValue: word) ?? .failed
        self.name = name
    }

    var value: MustacheValue {
        var members: [String: MustacheValue] = [
            "name": .string(name), "supportCode": supportCode.map(MustacheValue.string) ?? .null,
        ]
        for kind in Kind.allCases { members[kind.rawValue] = .bool(kind == self.kind) }
        return .object(members)
    }

    static let example = ConnectorProblem("declined", name: "Google", supportCode: "k3v7q2mz5yhpa")
}
