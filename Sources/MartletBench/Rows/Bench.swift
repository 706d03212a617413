import Glibc

/// What the rows share: options, processors, a folder, and one server that most of them load.
final class Bench {
    let options: Options
    let processors: Processors
    let folder: String
    let program: String
    private var made: Subject?
    private var madeCluster: PostgreSQLCluster?

    /// A running server with everything that its load needs.
    struct Subject {
        let server: TestedServer
        let machine: Installation.Client
        let application: Installation.Client
    }

    init(_ options: Options) throws {
        self.options = options
        processors = Processors(pins: options.pins)
        folder = try TemporaryFolder.make(below: options.folder)
        program = try options.server ?? Bench.neighbour()
        guard access(program, X_OK) == 0 else { throw BenchFailure("there is no program at \(program)") }
    }

    /// The server on its processor; started when the first row asks for it.
    func subject() throws -> Subject {
        if let made { return made }
        let subject = try makeSubject(named: "martlet")
        made = subject
        return subject
    }

    /// Another one, with variables of its own; whoever asks for it stops it.
    func makeSubject(named name: String, _ variables: [String] = []) throws -> Subject {
        let installation = try Installation(program: program, folder: folder, name: name, templates: options.templates)
        let machine = try installation.addMachine()
        let application = try installation.addApplication()
        try installation.addPerson()
        let server = try processors.onServerCore { try TestedServer(installation, variables) }
        return Subject(server: server, machine: machine, application: application)
    }

    /// The PostgreSQL cluster; started when the first row asks for it, on whatever processor the kernel likes.
    func cluster() throws -> PostgreSQLCluster {
        if let madeCluster { return madeCluster }
        let cluster = try processors.onAllCores {
            try options.postgresql.map { try PostgreSQLCluster(at: DatabaseLocation.connection($0)) }
                ?? PostgreSQLCluster(below: folder)
        }
        madeCluster = cluster
        return cluster
    }

    func stop() {
        made?.server.stop()
        made = nil
        madeCluster?.stop()
        madeCluster = nil
    }

    var rounds: Int { options.isQuick ? 3 : 5 }
    var warmUpSeconds: Double { options.isQuick ? 0.2 : 1 }
    var roundSeconds: Double { options.isQuick ? 0.3 : 1 }
    var referenceSeconds: Double { options.isQuick ? 0.2 : 0.7 }

    /// The program of the product that was built with this one.
    private static func neighbour() throws -> String {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        guard count > 0 else { throw BenchFailure.call("/proc/self/exe") }
        let own = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { throw BenchFailure("no folder of this program") }
        return own[..<slash] + "/martlet"
    }
}
