import SQLStores
import Stores

/// Where the records are kept.
enum DatabaseLocation: Sendable, Equatable {
    /// The path of a SQLite file.
    case sqlite(path: String)
    /// What libpq understands: an address, or `key=value` pairs. It may hold a password: never shown.
    case postgreSQL(connectionString: String)

    /// What is used without a setting, in the folder that the program is started in.
    static let standard = DatabaseLocation.sqlite(path: "data/martlet.db")

    /// The folder of what development mode makes: the file's own, or the standard one.
    var folder: String {
        switch self {
        case .sqlite(let path): SmallFile.folder(of: path)
        case .postgreSQL: "data"
        }
    }

    /// Whether it has a password in it, which nobody shall read in a list of processes.
    var holdsPassword: Bool {
        switch self {
        case .sqlite: false
        case .postgreSQL(let connectionString): (try? PostgreSQLSettings(connectionString))?.holdsPassword ?? false
        }
    }

    /// Why a location is none.
    struct Refusal: Error {
        let complaint: String
        let remedy: String
    }

    /// Reads `sqlite:PATH` (`sqlite:///PATH`, as others write it, is the absolute path), `postgresql://…`, or
    /// `postgresql:` and `key=value` pairs.
    init(_ text: String) throws(Refusal) {
        if text.hasPrefix("postgresql:") || text.hasPrefix("postgres:") {
            self = .postgreSQL(connectionString: try DatabaseLocation.connectionString(text))
        } else if text.hasPrefix("sqlite:") {
            self = .sqlite(path: try DatabaseLocation.path(text.dropFirst("sqlite:".count)))
        } else {
            throw Refusal(
                complaint: "does not say which kind of database it names",
                remedy: "Write sqlite:PATH, such as sqlite:/var/lib/martlet/martlet.db, or postgresql://user@host/name."
            )
        }
    }

    private static func path(_ text: Substring) throws(Refusal) -> String {
        var path = text
        if path.hasPrefix("///") { path = path.dropFirst(2) }
        guard !path.isEmpty, !path.hasPrefix("//"), !path.hasPrefix(":"), path.last != "/", !path.contains("?") else {
            throw Refusal(
                complaint: "names no file",
                remedy: "Write sqlite: and the path of a file, such as sqlite:/var/lib/martlet/martlet.db."
            )
        }
        return String(path)
    }

    /// An address goes to libpq as it is; pairs without what tells the kind.
    private static func connectionString(_ text: String) throws(Refusal) -> String {
        let rest = text.drop { $0 != ":" }.dropFirst()
        let connectionString = rest.hasPrefix("//") ? text : String(rest)
        do {
            _ = try PostgreSQLSettings(connectionString)
        } catch {
            throw Refusal(
                complaint: "is no address that libpq understands",
                remedy: "Write postgresql://user@host:5432/name, or postgresql:host=/run/postgresql dbname=name; "
                    + "keep the password in a password file (~/.pgpass), or write / @ : ? # in it as %2F %40 %3A %3F %23."
            )
        }
        return connectionString
    }
}
