import OAuthTypes
import Stores

/// Reads the columns of a row from left to right into the types of the records.
///
/// The database is a file that others can write: a value that no store put there is reported, not guessed at.
struct RowReader {
    private var table: StaticString
    private var columns: Row.Iterator

    init(_ row: Row, of table: StaticString) {
        self.table = table
        columns = row.makeIterator()
    }

    /// The columns from here on are another table's: what is damaged there is reported under its name.
    mutating func go(to table: StaticString) {
        self.table = table
    }

    func damaged(_ column: StaticString) -> StorageError {
        .damaged(table: table.description, column: column.description)
    }

    mutating func optionalInteger(_ column: StaticString) throws(StorageError) -> Int64? {
        switch next() {
        case .integer(let value): return value
        case .null: return nil
        default: throw damaged(column)
        }
    }

    mutating func optionalText(_ column: StaticString) throws(StorageError) -> String? {
        switch next() {
        case .text(let value): return value
        case .null: return nil
        default: throw damaged(column)
        }
    }

    mutating func optionalBytes(_ column: StaticString) throws(StorageError) -> [UInt8]? {
        switch next() {
        case .bytes(let value): return value
        case .null: return nil
        default: throw damaged(column)
        }
    }

    /// A column that the row does not have reads as null, and so as damage where a value is needed.
    private mutating func next() -> SQLValue { columns.next() ?? .null }
}

extension RowReader {
    mutating func integer(_ column: StaticString) throws(StorageError) -> Int64 {
        guard let value = try optionalInteger(column) else { throw damaged(column) }
        return value
    }

    mutating func text(_ column: StaticString) throws(StorageError) -> String {
        guard let value = try optionalText(column) else { throw damaged(column) }
        return value
    }

    mutating func bytes(_ column: StaticString) throws(StorageError) -> [UInt8] {
        guard let value = try optionalBytes(column) else { throw damaged(column) }
        return value
    }

    mutating func flag(_ column: StaticString) throws(StorageError) -> Bool {
        switch try integer(column) {
        case 0: return false
        case 1: return true
        default: throw damaged(column)
        }
    }

    mutating func time(_ column: StaticString) throws(StorageError) -> Timestamp {
        Timestamp(microseconds: try integer(column))
    }

    mutating func optionalTime(_ column: StaticString) throws(StorageError) -> Timestamp? {
        try optionalInteger(column).map(Timestamp.init(microseconds:))
    }

    mutating func id<Kind>(_ column: StaticString) throws(StorageError) -> Identifier<Kind> {
        Identifier(rawValue: try text(column))
    }

    mutating func optionalID<Kind>(_ column: StaticString) throws(StorageError) -> Identifier<Kind>? {
        try optionalText(column).map(Identifier.init(rawValue:))
    }

    mutating func clientID(_ column: StaticString) throws(StorageError) -> ClientID {
        guard let id = ClientID(try text(column)) else { throw damaged(column) }
        return id
    }

    mutating func digest(_ column: StaticString) throws(StorageError) -> TokenDigest {
        guard let digest = TokenDigest(bytes: try bytes(column)) else { throw damaged(column) }
        return digest
    }

    mutating func optionalDigest(_ column: StaticString) throws(StorageError) -> TokenDigest? {
        guard let bytes = try optionalBytes(column) else { return nil }
        guard let digest = TokenDigest(bytes: bytes) else { throw damaged(column) }
        return digest
    }

    mutating func scopes(_ column: StaticString) throws(StorageError) -> ScopeSet {
        guard let scopes = ScopeSet(parsing: try text(column)) else { throw damaged(column) }
        return scopes
    }

    mutating func word<Word: RawRepresentable<String>>(_ column: StaticString) throws(StorageError) -> Word {
        guard let word = Word(rawValue: try text(column)) else { throw damaged(column) }
        return word
    }

    mutating func words<Word: RawRepresentable<String>>(_ column: StaticString) throws(StorageError) -> [Word] {
        let list = try text(column)
        // Mostly there is one.
        if let word = Word(rawValue: list) { return [word] }
        var words: [Word] = []
        for text in list.split(separator: " ") {
            guard let word = Word(rawValue: String(text)) else { throw damaged(column) }
            words.append(word)
        }
        return words
    }

    mutating func redirectURIs(_ column: StaticString) throws(StorageError) -> [RedirectURI] {
        var uris: [RedirectURI] = []
        for text in try text(column).split(separator: " ") {
            guard let uri = try? RedirectURI(registering: String(text)) else { throw damaged(column) }
            uris.append(uri)
        }
        return uris
    }
}
