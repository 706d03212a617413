import CPostgreSQL
import Stores

/// The name of a prepared statement on its connection, as C reads it.
final class PostgreSQLName {
    let text: UnsafeMutablePointer<CChar>

    init(_ number: Int) {
        let bytes = "s\(number)".utf8CString
        text = .allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { (text + index).initialize(to: byte) }
    }

    deinit { text.deallocate() }
}

@available(*, unavailable)
extension PostgreSQLName: Sendable {}

/// What PostgreSQL reads where the statements of the tables have a comment.
enum PostgreSQLDialect {
    /// The text with its marked comments (`/*! … */`) opened: row locks, which SQLite, whose writers are alone, lacks.
    static func text(of statement: StaticString) -> String {
        var bytes = statement.withUTF8Buffer { Array($0) }
        var isOpen = false
        var index = 0
        while index + 1 < bytes.count {
            if !isOpen, bytes[index...].starts(with: "/*!".utf8) {
                isOpen = true
                for offset in 0..<3 { bytes[index + offset] = UInt8(ascii: " ") }
            } else if isOpen, bytes[index...].starts(with: "*/".utf8) {
                isOpen = false
                for offset in 0..<2 { bytes[index + offset] = UInt8(ascii: " ") }
            }
            index += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The right to end what a connection runs, from another thread.
///
/// `@unchecked Sendable`: libpq's cancellation object is made to be used by another thread, by one at a time.
final class PostgreSQLCancellation: @unchecked Sendable {
    private let handle: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Asks the server; blocks.
    func run() {
        var words = [CChar](repeating: 0, count: 256)
        PQcancel(handle, &words, 256)
    }
}
