import JSON

extension Console {
    /// Shows records: a table for people, or a JSON array of objects for programs, whose members `write` writes.
    func show<Record>(
        _ records: [Record], asJSON isJSON: Bool, columns: KeyValuePairs<String, (Record) -> String>,
        write: (Record, inout JSONWriter) -> Void
    ) {
        guard !isJSON else {
            print { writer in
                writer.array { writer in
                    for record in records { writer.element { write(record, &$0) } }
                }
            }
            return
        }
        var table = TextTable(columns.map(\.key))
        for record in records { table.add(columns.map { $0.value(record) }) }
        print(table.text)
    }
}
