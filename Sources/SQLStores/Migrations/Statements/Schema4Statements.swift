extension RecordedStatements {
    static let schema4 = RecordedStatements(schema: 4, statements: [])
}
