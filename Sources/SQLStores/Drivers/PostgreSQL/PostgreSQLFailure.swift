import CPostgreSQL
import Stores

/// An error that the server reported, and what follows from it.
struct PostgreSQLFailure: Sendable {
    /// The five characters of the standard: PostgreSQL manual, appendix A.
    let state: String
    private let words: String
    private let table: String

    init(_ result: OpaquePointer) {
        func field(_ code: UnicodeScalar) -> String {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
        }
        state = field("C")
        let primary = field("M")
        words = primary.isEmpty ? String(cString: PQresultErrorMessage(result)).trimmed : primary
        table = field("t")
    }

    /// What the driver does about it.
    enum Remedy: Equatable {
        /// The caller is told.
        case report
        /// Another transaction was in the way: once more from the start.
        case runAgain
        /// This connection cannot do it, another one may: a server that stops or only reads, a statement it forgot.
        case useAnother
    }

    var remedy: Remedy {
        switch state {
        case "40001", "40P01": .runAgain
        case "25006", "57P01", "57P02", "57P03", "26000", "42P05": .useAnother
        case "0A000" where words.contains("cached plan"): .useAnother
        default: state.hasPrefix("08") ? .useAnother : .report
        }
    }

    /// What it means for whoever runs the server.
    var error: StorageError {
        switch state {
        case "23505": .conflict(table: table)
        case "53100": .full(path: "the database server's files")
        case "40001", "40P01", "55P03", "57014": .busy
        case "25006": .unavailable(reason: "the server only reads; it is a standby or recovers")
        case "42P01", "42703", "3F000": .failed("\(words); run `martlet migrate`")
        case "42501": .failed("\(words); the role of MARTLET_DATABASE must own the tables")
        case "XX001", "XX002": .failed("\(words); the server's files are damaged: restore a backup")
        case _ where state.hasPrefix("53") || state.hasPrefix("57") || state.hasPrefix("08"):
            .unavailable(reason: words)
        default: .failed("\(words) (\(state))")
        }
    }
}
