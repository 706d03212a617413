import Stores

/// A connection as the steps of the schema see it, whichever driver it belongs to.
protocol SchemaConnection {
    static var dialect: SQLDialect { get }

    /// Runs one statement and answers its rows.
    func ask(_ statement: StaticString, _ parameters: [SQLValue]) throws(StorageError) -> [Row]

    /// Runs several statements that take no values and answer nothing.
    func execute(script: StaticString) throws(StorageError)

    /// Whether the database has a table `schema_migrations`.
    func hasListOfSteps() throws(StorageError) -> Bool

    /// Begins a transaction that no other opener has at the same time.
    ///
    /// Waits for one that does, and for the locks that the steps need, but not for ever: throws `StorageError.busy`.
    func beginAlone() throws(StorageError)

    func commit() throws(StorageError)

    /// Undoes what the open transaction did, if one is open.
    func rollBack()
}
