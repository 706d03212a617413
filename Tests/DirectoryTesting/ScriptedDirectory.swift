public import Directory
import OAuthTypes
public import Synchronization

/// A directory in memory that answers as filters mean, notes what it is asked, and can fail.
public final class ScriptedDirectory: DirectoryTransport {
    /// A person or a group.
    public struct Entry: Sendable {
        /// Its name.
        public var name: String
        /// Its attributes.
        public var values: [String: [[UInt8]]]
        /// Its password; nil for none.
        public var password: String?
        /// Whether the password has to be changed first.
        public var isOutdated = false

        /// An entry with attributes of one value each.
        public init(_ name: String, _ values: [String: String], password: String? = nil) {
            self.name = name
            self.values = values.mapValues { [Array($0.utf8)] }
            self.password = password
        }
    }

    /// One question.
    public enum Question: Sendable, Equatable {
        /// A connection.
        case connect
        /// Whether a name has a password.
        case bind(String)
        /// Who is below a name, by a filter.
        case search(base: String, filter: String)
    }

    /// What it knows, and how it behaves.
    public struct State: Sendable {
        /// People and groups.
        public var entries: [Entry] = []
        /// What it was asked.
        public var questions: [Question] = []
        /// What it answers to everything; nil where it answers as it should.
        public var fault: DirectoryFault?
        /// Whether it says yes to a name without a password, as some do.
        public var isCareless = false
        /// Runs on the thread that connects.
        public var onConnect: (@Sendable () -> Void)?
    }

    /// What it knows, and how it behaves.
    public let state: Mutex<State>

    /// A directory that knows these.
    public init(_ entries: [Entry]) { state = Mutex(State(entries: entries)) }

    /// What it was asked.
    public var questions: [Question] { state.withLock { $0.questions } }

    /// What happens from now on.
    public func fail(_ fault: DirectoryFault?) { state.withLock { $0.fault = fault } }

    func ask(_ question: Question) throws(DirectoryFault) {
        let fault: DirectoryFault? = state.withLock { state in
            state.questions.append(question)
            return state.fault
        }
        if let fault { throw fault }
    }

    /// A connection, unless it fails.
    public func connect(_ call: DirectoryCall) throws(DirectoryFault) -> any DirectoryConnection {
        try ask(.connect)
        state.withLock { $0.onConnect }?()
        return Connection(self)
    }

    private final class Connection: DirectoryConnection {
        let directory: ScriptedDirectory

        init(_ directory: ScriptedDirectory) { self.directory = directory }

        func bind(_ name: DistinguishedName, password: [UInt8]) throws(DirectoryFault) -> BindOutcome {
            try directory.ask(.bind(name.text))
            return directory.state.withLock { state in
                if password.isEmpty { return state.isCareless ? .proven : .refused }
                let entry = state.entries.first {
                    $0.name == name.text && $0.password.map { Array($0.utf8) } == password
                }
                guard let entry else { return .refused }
                return entry.isOutdated ? .outdated : .proven
            }
        }

        func search(_ search: DirectorySearch) throws(DirectoryFault) -> [DirectoryEntry] {
            try directory.ask(.search(base: search.base.text, filter: search.filter.text))
            return directory.state.withLock { state in
                let found = state.entries.filter { entry in
                    let isInScope =
                        switch search.depth {
                        case .entry: entry.name == search.base.text
                        case .subtree: entry.name.hasSuffix(search.base.text)
                        }
                    return isInScope && Connection.holds(search.filter, entry)
                }
                return found.prefix(search.limit + 1).map { entry in
                    var values: [AttributeName: [[UInt8]]] = [:]
                    for name in search.attributes { values[name] = Connection.values(entry, name) }
                    return DirectoryEntry(name: DistinguishedName(entry.name), values: values)
                }
            }
        }

        private static func values(_ entry: Entry, _ name: AttributeName) -> [[UInt8]] {
            entry.values.first { $0.key.lowercased() == name.rawValue }?.value ?? []
        }

        private static func holds(_ filter: SearchFilter, _ entry: Entry) -> Bool {
            switch filter {
            case .equals(let name, let value), .matches(let name, _, let value):
                values(entry, name).contains { lowered($0) == lowered(value) }
            case .present(let name): name.rawValue == "objectclass" || !values(entry, name).isEmpty
            case .all(let filters): filters.allSatisfy { holds($0, entry) }
            case .any(let filters): filters.contains { holds($0, entry) }
            case .not(let filter): !holds(filter, entry)
            }
        }

        private static func lowered(_ bytes: [UInt8]) -> [UInt8] {
            bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        }
    }
}
