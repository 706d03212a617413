import CPostgreSQL

/// One connection that asks and waits: for seeding and for counters, not for load.
final class PostgreSQLConnection {
    private let handle: OpaquePointer

    /// Connects; the text is what libpq takes.
    init(_ location: String) throws {
        guard let made = PQconnectdb(location) else { throw BenchFailure("no memory for a connection") }
        guard PQstatus(made) == CONNECTION_OK else {
            defer { PQfinish(made) }
            throw BenchFailure(PostgreSQLConnection.message(of: made))
        }
        handle = made
        PQsetNoticeProcessor(made, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    /// Runs one or several statements.
    func execute(_ text: String) throws { _ = try rows(text) }

    /// The rows of a statement, as text.
    func rows(_ text: String) throws -> [[String?]] {
        let result = PQexec(handle, text)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else { throw failure(text) }
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
                    return nil
                }
                return String(cString: value)
            }
        }
    }

    /// The first column of the first row as a number.
    func number(_ text: String) throws -> Int {
        guard let value = try rows(text).first?.first, let value, let number = Int(value) else {
            throw BenchFailure("\(text): no number")
        }
        return number
    }

    /// Begins to copy rows in; the statement says into what and how.
    func beginCopy(_ text: String) throws {
        let result = PQexec(handle, text)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COPY_IN else { throw failure(text) }
    }

    /// Sends a piece of what is copied.
    func copy(_ bytes: [UInt8]) throws {
        let code = bytes.withUnsafeBytes {
            PQputCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
        guard code == 1 else { throw failure("COPY") }
    }

    /// Ends a copy.
    func endCopy() throws {
        guard PQputCopyEnd(handle, nil) == 1 else { throw failure("COPY") }
        while let result = PQgetResult(handle) {
            defer { PQclear(result) }
            guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure("COPY") }
        }
    }

    private func failure(_ text: String) -> BenchFailure {
        BenchFailure("\(text.prefix(80)): \(PostgreSQLConnection.message(of: handle))")
    }

    private static func message(of handle: OpaquePointer) -> String {
        let lines = String(cString: PQerrorMessage(handle)).split(separator: "\n")
        return lines.isEmpty ? "PostgreSQL gives no reason" : lines.joined(separator: "; ")
    }
}
