import Mustache

/// Other providers that open an account: the key `links` of the page that includes the partial `link-list`.
///
/// Its forms post `csrf` and `connector`, the one that removes also `link`.
public struct LinkList: Equatable, Sendable {
    /// A link.
    public struct Entry: Equatable, Sendable {
        /// The connector's identifier.
        public let connector: String
        /// What people call it.
        public let name: String
        /// Address or name there; nil where neither is known.
        public let account: String?
        /// When it was linked.
        public let added: ShownMoment
        /// When it was last used; nil for never.
        public let lastUsed: ShownMoment?
        /// Whether nobody signs in by the connector at the moment.
        public let isDisabled: Bool
        /// What names it in forms.
        public let handle: String

        /// An entry.
        public init(
            connector: String, name: String, account: String?, added: ShownMoment, lastUsed: ShownMoment?,
            isDisabled: Bool, handle: String
        ) {
            self.connector = connector
            self.name = name
            self.account = account
            self.added = added
            self.lastUsed = lastUsed
            self.isDisabled = isDisabled
            self.handle = handle
        }
    }

    /// A connector that could be linked.
    public struct Other: Equatable, Sendable {
        /// Its identifier.
        public let id: String
        /// What people call it.
        public let name: String

        /// A connector.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The links.
    public let entries: [Entry]
    /// What could be linked.
    public let others: [Other]
    /// What went wrong before.
    public let problem: ConnectorProblem?

    /// A list.
    public init(entries: [Entry], others: [Other], problem: ConnectorProblem? = nil) {
        self.entries = entries
        self.others = others
        self.problem = problem
    }

    var value: MustacheValue {
        [
            "entries": .list(
                entries.map { entry in
                    [
                        "connector": .string(entry.connector), "name": .string(entry.name),
                        "account": .init(entry.account), "added": entry.added.value,
                        "lastUsed": entry.lastUsed?.value ?? .null, "disabled": .bool(entry.isDisabled),
                        "handle": .string(entry.handle),
                    ]
                }),
            "hasEntries": .bool(!entries.isEmpty),
            "others": .list(others.map { ["id": .string($0.id), "name": .string($0.name)] }),
            "connectorProblem": problem?.value ?? .null,
        ]
    }

    static let example = LinkList(
        entries: [
            Entry(
                connector: "google", name: "Google", account: "mara.lindqvist@example.org",
                added: ShownMoment(seconds: 1_748_779_200), lastUsed: ShownMoment(seconds: 1_751_371_200),
                isDisabled: true, handle: "q0A")
        ],
        others: [Other(id: "github", name: "GitHub")], problem: .example)
}
