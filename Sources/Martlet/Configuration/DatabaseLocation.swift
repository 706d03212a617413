/// Where the records are kept.
struct DatabaseLocation: Sendable, Equatable {
    /// The path of the SQLite file.
    let path: String

    /// What is used without a setting, in the folder that the program is started in.
    static let standard = DatabaseLocation(path: "data/martlet.db")

    /// The folder of the file, which holds the generated keys of development mode too.
    var folder: String { SmallFile.folder(of: path) }

    /// Why a location is none.
    struct Refusal: Error {
        let complaint: String
        let remedy: String
    }

    private init(path: String) {
        self.path = path
    }

    /// Reads `sqlite:PATH`; `sqlite:///PATH`, as others write it, is the absolute path.
    init(_ text: String) throws(Refusal) {
        if text.hasPrefix("postgresql:") || text.hasPrefix("postgres:") {
            throw Refusal(
                complaint: "names a PostgreSQL database, which this version cannot use yet",
                remedy: "PostgreSQL comes later; until then write sqlite:PATH."
            )
        }
        guard text.hasPrefix("sqlite:") else {
            throw Refusal(
                complaint: "does not say which kind of database it names",
                remedy: "Write sqlite:PATH, such as sqlite:/var/lib/martlet/martlet.db."
            )
        }
        var path = text.dropFirst("sqlite:".count)
        if path.hasPrefix("///") { path = path.dropFirst(2) }
        guard !path.isEmpty, !path.hasPrefix("//"), !path.hasPrefix(":"), path.last != "/", !path.contains("?") else {
            throw Refusal(
                complaint: "names no file",
                remedy: "Write sqlite: and the path of a file, such as sqlite:/var/lib/martlet/martlet.db."
            )
        }
        self.path = String(path)
    }
}
