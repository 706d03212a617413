import Mustache

/// The passkeys of an account: the key `passkeys` of the page that includes the partial `passkey-list`.
///
/// Its forms post `csrf` and `credential`, one of them also `name`; the one that adds is filled by the page's script.
public struct PasskeyList: Equatable, Sendable {
    /// One passkey.
    public struct Entry: Equatable, Sendable {
        /// What its owner calls it.
        public let name: String
        /// When it was added.
        public let added: ShownMoment
        /// When it was last used; nil for never.
        public let lastUsed: ShownMoment?
        /// Whether it is copied to other devices.
        public let isSynced: Bool
        /// What names it in forms.
        public let handle: String

        /// An entry.
        public init(name: String, added: ShownMoment, lastUsed: ShownMoment?, isSynced: Bool, handle: String) {
            self.name = name
            self.added = added
            self.lastUsed = lastUsed
            self.isSynced = isSynced
            self.handle = handle
        }
    }

    /// Why the page is shown again.
    public enum Problem: Equatable, Sendable {
        /// What the browser sent proves nothing, or came too late.
        case refused
        /// The passkey belongs to an account already.
        case taken
        /// It is the last way in, and stays.
        case lastWayIn
        /// A name has to be something.
        case noName
    }

    /// The passkeys.
    public let entries: [Entry]
    /// What went wrong before.
    public let problem: Problem?
    /// Whether another one may be added.
    public let mayAdd: Bool
    /// Where the script asks what is to be made.
    public let optionsURL: String
    /// What another one is called unless its owner says otherwise.
    public let suggestedName: String

    /// A list.
    public init(
        entries: [Entry], problem: Problem? = nil, mayAdd: Bool, optionsURL: String, suggestedName: String
    ) {
        self.entries = entries
        self.problem = problem
        self.mayAdd = mayAdd
        self.optionsURL = optionsURL
        self.suggestedName = suggestedName
    }

    var value: MustacheValue {
        [
            "entries": .list(
                entries.enumerated().map { number, entry in
                    [
                        "number": .integer(number), "name": .string(entry.name), "added": entry.added.value,
                        "lastUsed": entry.lastUsed?.value ?? .null, "synced": .bool(entry.isSynced),
                        "handle": .string(entry.handle),
                    ]
                }),
            "hasEntries": .bool(!entries.isEmpty),
            "problem": .bool(problem != nil),
            "refused": .bool(problem == .refused),
            "taken": .bool(problem == .taken),
            "lastWayIn": .bool(problem == .lastWayIn),
            "noName": .bool(problem == .noName),
            "mayAdd": .bool(mayAdd),
            "optionsURL": .link(optionsURL),
            "suggestedName": ShownDevice(suggestedName).value,
        ]
    }

    static let example = PasskeyList(
        entries: [
            Entry(
                name: "Mara’s phone", added: ShownMoment(seconds: 1_748_779_200),
                lastUsed: ShownMoment(seconds: 1_751_371_200), isSynced: true, handle: "q0A")
        ],
        problem: .refused, mayAdd: true, optionsURL: "/account/security/passkeys/options",
        suggestedName: "Firefox on Linux")
}
