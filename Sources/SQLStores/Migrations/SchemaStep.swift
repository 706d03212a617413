import Stores

/// One numbered step of the schema.
///
/// Steps only go forward, and one that was released never changes.
public struct SchemaStep: Sendable, Equatable {
    /// Its place in the order: 1, 2, 3, and so on.
    public let number: Int64
    /// What it brings, in a few words.
    public let name: String
    /// Of the step's text in the dialect of the database.
    let checksum: Int64

    /// FNV-1a, 64 bits: tells a changed text, not a forged one.
    static func checksum(of text: StaticString) -> Int64 {
        let hash = text.withUTF8Buffer { bytes in
            bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
        return Int64(bitPattern: hash)
    }
}

/// How the schema of a database compares with what this program needs.
public struct SchemaStatus: Sendable, Equatable {
    /// The steps that the database has, the first first.
    public let applied: [SchemaStep]
    /// The steps that it lacks.
    public let pending: [SchemaStep]

    /// Compares; refuses a database that another program text or a newer program has shaped.
    init(found applied: [SchemaStep], known: [SchemaStep]) throws(StorageError) {
        for step in applied {
            guard let mine = known.first(where: { $0.number == step.number }) else {
                throw .schemaFromTheFuture(found: applied.map(\.number).max() ?? 0, known: Int64(known.count))
            }
            guard mine.checksum == step.checksum else { throw .schemaChanged(number: step.number) }
        }
        self.applied = applied
        pending = known.filter { step in !applied.contains { $0.number == step.number } }
    }
}
