import CPostgreSQL

/// One result of libpq, freed with its owner.
struct PostgreSQLResult: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// Whether it says that a transaction was committed.
    var isCommit: Bool { status == PGRES_COMMAND_OK && String(cString: PQcmdStatus(handle)) == "COMMIT" }

    /// What the server refused.
    var failure: PostgreSQLFailure { PostgreSQLFailure(handle) }

    /// The rows, which the server sent in the binary format.
    var rows: [Row] {
        let count = PQntuples(handle)
        guard count > 0 else { return [] }
        let columns = PQnfields(handle)
        var types: [PostgreSQLType?] = []
        for column in 0..<columns { types.append(PostgreSQLType(rawValue: PQftype(handle, column))) }
        var rows: [Row] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            rows.append(
                Row(capacity: 24 * types.count) { packing in
                    for column in 0..<columns { pack(row, column, types[Int(column)], into: &packing) }
                }
            )
        }
        return rows
    }

    private func pack(_ row: Int32, _ column: Int32, _ type: PostgreSQLType?, into packing: inout Row.Packing) {
        guard PQgetisnull(handle, row, column) == 0 else { return packing.append(.null) }
        let content = UnsafeRawBufferPointer(
            start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
        switch type {
        case .int8 where content.count == 8:
            packing.append(Int64(bigEndian: content.loadUnaligned(as: Int64.self)))
        case .int4 where content.count == 4:
            packing.append(Int64(Int32(bigEndian: content.loadUnaligned(as: Int32.self))))
        case .bool where content.count == 1: packing.append(content[0] == 0 ? 0 as Int64 : 1)
        case .text, .varchar, .name: packing.append(.text, content)
        case .bytea: packing.append(.bytes, content)
        default: packing.append(.foreign)
        }
    }
}
