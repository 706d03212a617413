import Glibc
import JOSE
import JSON

/// A folder with a database and a master key, made with the `martlet` command line as an operator would.
struct Installation {
    let program: String
    let folder: String
    let templates: String?
    /// How many passwords the server hashes at a time: what it would choose itself.
    let passwordWorkers: Int
    /// Where the server keeps its rows.
    let database: DatabaseLocation
    /// The key that its refresh tokens are made with.
    let masterKey: MasterKey
    /// Where its server listens beside its port.
    var moreListeners: [String] = []
    private let name: String

    static let email = "ada@example.com"
    static let password = "correct horse battery staple"
    static let redirectURI = "https://app.example/callback"
    static let machineScope = "bench:read"

    var databasePath: String { Installation.path(folder, name) }
    var logPath: String { "\(folder)/\(name).log" }
    private var keyPath: String { "\(folder)/\(name).key" }

    /// An installation of this name in a folder; in SQLite where no database is named.
    init(
        program: String, folder: String, name: String, templates: String?, database: DatabaseLocation? = nil
    ) throws {
        self.program = program
        self.folder = folder
        self.name = name
        self.templates = templates
        passwordWorkers = max(1, min(64, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
        self.database = database ?? .sqlite(Installation.path(folder, name))
        let key = Base64URL.encode(SystemRandom().bytes(32)) + "\n"
        masterKey = try MasterKey(fileContents: Array(key.utf8))
        try TemporaryFolder.write(key, to: keyPath)
    }

    func environment(port: UInt16) -> [String] {
        var variables = [
            "PATH=/usr/local/bin:/usr/bin:/bin", "MARTLET_MODE=production", "MARTLET_ISSUER=http://127.0.0.1:\(port)",
            "MARTLET_LISTEN=" + (["127.0.0.1:\(port)"] + moreListeners).joined(separator: ","),
            "MARTLET_DATABASE=\(database.setting)",
            "MARTLET_MASTER_KEY_FILE=\(keyPath)", "MARTLET_LOOPS=1", "MARTLET_PASSWORD_WORKERS=\(passwordWorkers)",
            // Codes are prepared in thousands before any is redeemed.
            "MARTLET_CODE_LIFETIME=600",
            // One person signs in from one address, many times at once.
            "MARTLET_SIGN_IN_FAILURES_PER_ADDRESS=0", "MARTLET_SIGN_IN_FAILURES_PER_NETWORK=0",
            "MARTLET_LOCK_FAILURES=0", "MARTLET_ACCOUNT_FAILURES=0", "MARTLET_CAPTCHA=never",
        ]
        if let templates { variables.append("MARTLET_TEMPLATES=\(templates)") }
        return variables
    }

    /// A client, with its proof.
    struct Client {
        let id: String
        let secret: String

        var proof: String { "Authorization: Basic " + Base64.encode(Array("\(id):\(secret)".utf8)) }
    }

    /// A service that acts for itself.
    func addMachine() throws -> Client {
        try addClient(["--id", "bench-machine", "--scope", Installation.machineScope])
    }

    /// An application of the operator's own, which asks for no consent and gets refresh tokens.
    func addApplication() throws -> Client {
        try addClient([
            "--id", "bench-app", "--first-party", "--redirect-uri", Installation.redirectURI, "--grant",
            "authorization_code", "--grant", "refresh_token", "--scope",
            "openid profile email offline_access \(Installation.machineScope)",
        ])
    }

    func addPerson(_ email: String = Installation.email) throws {
        _ = try run(
            ["user", "add", "--email", email, "--name", "Ada Lovelace", "--verified", "--password-stdin"],
            input: Installation.password + "\n")
    }

    /// Somebody whose account is closed.
    func addClosedPerson(_ email: String) throws {
        try addPerson(email)
        _ = try run(["user", "disable", email])
    }

    /// Makes the tables and fills them.
    func seed(_ plan: SeedPlan) throws {
        _ = try run(["migrate"])
        var progress = SeedProgress("seeding \(database.kind.rawValue)", total: plan.rows)
        try Seeding.fill(database, plan, says: &progress)
    }

    private static func path(_ folder: String, _ name: String) -> String { "\(folder)/\(name).db" }

    private func addClient(_ arguments: [String]) throws -> Client {
        let answer = try? JSONValue(parsing: run(["client", "add", "--json"] + arguments))
        guard let id = answer?["client_id"]?.string, let secret = answer?["client_secret"]?.string else {
            throw BenchFailure("martlet client add prints no client_id and client_secret")
        }
        return Client(id: id, secret: secret)
    }

    private func run(_ arguments: [String], input: String? = nil) throws -> String {
        let run = try CapturedRun(program, arguments, environment: environment(port: 1), input: input, folder: folder)
        guard run.status == 0 else {
            throw BenchFailure("martlet \(arguments.joined(separator: " ")): \(run.errors)\(run.output)")
        }
        return run.output
    }
}
