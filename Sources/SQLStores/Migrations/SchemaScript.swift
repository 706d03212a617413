/// A kind of SQL database: the steps of the schema are the only texts that differ between them.
enum SQLDialect: Sendable, CaseIterable {
    case sqlite, postgreSQL
}

/// A step of the schema with its text in every dialect.
struct SchemaScript: Sendable {
    let number: Int64
    let name: String
    /// The lowest schema whose programs still work after this step: at most the one before it, so that the nodes of a
    /// cluster can be replaced one by one.
    let compatibleFrom: Int64
    private let sqlite: [StaticString]
    private let postgreSQL: [StaticString]

    /// An empty text: there is nothing to do in that dialect.
    init(
        _ number: Int64, _ name: String, compatibleFrom: Int64, sqlite: StaticString, postgreSQL: StaticString
    ) {
        self.init(number, name, compatibleFrom: compatibleFrom, sqlite: [sqlite], postgreSQL: [postgreSQL])
    }

    /// A step of several texts, which run in their order.
    init(
        _ number: Int64, _ name: String, compatibleFrom: Int64, sqlite: [StaticString], postgreSQL: [StaticString]
    ) {
        self.number = number
        self.name = name
        self.compatibleFrom = compatibleFrom
        self.sqlite = sqlite
        self.postgreSQL = postgreSQL
    }

    func texts(in dialect: SQLDialect) -> [StaticString] {
        switch dialect {
        case .sqlite: sqlite
        case .postgreSQL: postgreSQL
        }
    }

    func step(in dialect: SQLDialect) -> SchemaStep {
        SchemaStep(
            number: number, name: name, compatibleFrom: compatibleFrom,
            checksum: SchemaScript.checksum(of: texts(in: dialect))
        )
    }

    /// FNV-1a, 64 bits, over all texts behind each other: tells a changed text, not a forged one.
    private static func checksum(of texts: [StaticString]) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for text in texts {
            text.withUTF8Buffer { bytes in
                for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            }
        }
        return Int64(bitPattern: hash)
    }
}
