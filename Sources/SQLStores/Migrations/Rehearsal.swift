/// What happened when the pending steps of the schema ran on a copy.
public struct Rehearsal: Sendable {
    /// A table as it was copied.
    public struct Table: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its rows in the database.
        public let rows: Int64
        /// The rows that were copied.
        public let copied: Int64
    }

    /// What a step keeps others from.
    public struct Lock: Sendable, Hashable {
        /// The table; nil: the whole database.
        public let table: String?
        /// The mode in the database's own words, such as `AccessExclusiveLock`.
        public let mode: String
    }

    /// A step that ran.
    public struct Step: Sendable, Equatable {
        /// Which one.
        public let step: SchemaStep
        /// How long it took on the copy.
        public let duration: Duration
        /// How long it may take on the whole: the duration times how much larger the tables are that it names.
        public let estimate: Duration
        /// The locks that it was the first to take; they are held until all steps are committed.
        public let locks: [Lock]
        /// Why it failed, and with it everything after it; nil if it did not.
        public let failure: String?
    }

    /// What an older program asks and would no longer be answered.
    public struct BrokenStatement: Sendable, Equatable {
        /// The schema of the program.
        public let schema: Int64
        /// The statement.
        public let text: String
        /// The database's sentence.
        public let reason: String
    }

    /// How the schema of the database stands; nothing was changed.
    public let status: SchemaStatus
    /// What was copied; empty if nothing was pending.
    public internal(set) var tables: [Table] = []
    /// The pending steps as far as they ran.
    public internal(set) var steps: [Step] = []
    /// How many statements of the older program were tried.
    public internal(set) var tried = 0
    /// Those that failed.
    public internal(set) var broken: [BrokenStatement] = []

    /// Whether programs of the database's schema go on working beside this one.
    public var isCompatible: Bool {
        broken.isEmpty && status.pending.allSatisfy { $0.compatibleFrom <= status.number }
    }

    /// Whether every step ran, and nothing breaks that works now.
    public var isFine: Bool {
        steps.allSatisfy { $0.failure == nil } && (status.number == 0 || isCompatible)
    }
}

extension Rehearsal {
    /// How many times larger the tables are that a text names than their copies; at least 1.
    func growth(of text: String) -> Double {
        let words = Set(text.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        return tables.filter { words.contains($0.name[...]) && $0.copied > 0 }
            .map { Double($0.rows) / Double($0.copied) }.max() ?? 1
    }
}
