extension RecordedStatements {
    static let schema5 = RecordedStatements(schema: 5, statements: [])
}
