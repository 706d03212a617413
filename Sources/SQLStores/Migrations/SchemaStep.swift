import Stores

/// One numbered step of the schema.
///
/// Steps only go forward, and one that was released never changes.
public struct SchemaStep: Sendable, Equatable {
    /// Its place in the order: 1, 2, 3, and so on.
    public let number: Int64
    /// What it brings, in a few words.
    public let name: String
    /// The lowest schema whose programs still work with a database that has this step.
    public let compatibleFrom: Int64
    /// Of the step's text in the dialect of the database.
    let checksum: Int64
}

/// How the schema of a database compares with what this program needs.
public struct SchemaStatus: Sendable, Equatable {
    /// The steps that the database has, the first first; also those that this program does not know and can live with.
    public let applied: [SchemaStep]
    /// The steps that it lacks.
    public let pending: [SchemaStep]

    /// Compares; refuses a database that another program text has shaped, or a newer program that left this one behind.
    init(found applied: [SchemaStep], known: [SchemaStep]) throws(StorageError) {
        let newest = known.last?.number ?? 0
        for step in applied {
            if let mine = known.first(where: { $0.number == step.number }) {
                guard mine.checksum == step.checksum else { throw .schemaChanged(number: step.number) }
            } else if step.compatibleFrom > newest {
                throw .schemaFromTheFuture(found: applied.map(\.number).max() ?? 0, known: newest)
            }
        }
        let last = applied.map(\.number).max() ?? 0
        pending = known.filter { step in !applied.contains { $0.number == step.number } }
        // Steps run in order, each on what the earlier ones left: none can be put in below others.
        if let gap = pending.first, gap.number < last { throw .schemaChanged(number: gap.number) }
        self.applied = applied
    }

    /// How a database stands that is still to be made.
    public static let ofNoDatabase = SchemaStatus(pending: Schema.current.steps(in: .sqlite))

    private init(pending: [SchemaStep]) {
        applied = []
        self.pending = pending
    }

    /// The number of the last step that the database has; 0 without any.
    public var number: Int64 { applied.last?.number ?? 0 }
}
