import Glibc
import JOSE

/// `martlet-bench seed`: fills an empty database with people and what they have.
struct SeedCommand {
    var location: DatabaseLocation?
    var plan = SeedPlan(people: 10_000, families: 50_000)
    var masterKeyFile: String?
    var tokens = 0
    var isHelp = false

    init(_ arguments: some Sequence<String>) throws {
        var iterator = arguments.makeIterator()
        var (people, families) = (10_000, 50_000)
        var (clients, codes, expired): (Int?, Int?, Int?)
        while let argument = iterator.next() {
            func value() throws -> String {
                guard let value = iterator.next() else { throw BenchFailure("\(argument) needs a value") }
                return value
            }
            func number(from least: Int) throws -> Int {
                guard let number = Int(try value()), (least...100_000_000).contains(number) else {
                    throw BenchFailure("\(argument) takes a number from \(least) to 100000000")
                }
                return number
            }
            switch argument {
            case "--database": location = try DatabaseLocation(try value())
            case "--users": people = try number(from: 1)
            case "--families": families = try number(from: 1)
            case "--clients": clients = try number(from: 1)
            case "--codes": codes = try number(from: 0)
            case "--expired": expired = try number(from: 0)
            case "--master-key-file": masterKeyFile = try value()
            case "--tokens": tokens = try number(from: 1)
            case "--help", "-h": isHelp = true
            default: throw BenchFailure("there is no option \(argument); seed --help lists all")
            }
        }
        plan = SeedPlan(people: people, families: families)
        if let clients { plan.clients = clients }
        if let codes { plan.codes = codes }
        if let expired { plan.expired = expired }
        guard isHelp || location != nil else { throw BenchFailure("seed needs --database") }
        guard tokens == 0 || masterKeyFile != nil else { throw BenchFailure("--tokens needs --master-key-file") }
        guard tokens <= families else { throw BenchFailure("there are not so many families as --tokens") }
    }

    /// Does it and ends the program.
    static func run(_ arguments: [String]) -> Never {
        let command: SeedCommand
        do {
            command = try SeedCommand(arguments)
        } catch {
            Program.complain(error)
            exit(2)
        }
        guard !command.isHelp, let location = command.location else {
            print(help)
            exit(0)
        }
        do {
            try command.run(location)
            exit(0)
        } catch {
            Program.complain(error)
            exit(1)
        }
    }

    private func run(_ location: DatabaseLocation) throws {
        // The key first: what cannot be read is better known before than after.
        let maker = try masterKeyFile.map { try SeededTokens(SeedCommand.masterKey($0)) }
        var progress = SeedProgress("seed", total: plan.rows)
        try Seeding.fill(location, plan, says: &progress)
        guard let maker else { return }
        for number in 0..<tokens {
            let client = SeedNames.client(plan.client(ofGrant: number))
            print("\(client.id) \(client.secret) \(maker.token(number, generation: 0))")
        }
    }

    private static func masterKey(_ path: String) throws -> MasterKey {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw BenchFailure.call(path) }
        defer { close(file) }
        return try MasterKey(fileContents: FileText.readAll(file))
    }

    static let help = """
        Fills an empty database with people, sessions, consents, grants with refresh tokens, and codes.

        Usage: martlet-bench seed --database DATABASE [options]

        The database has its schema (`martlet migrate`) and no people yet; the server is stopped where it
        is SQLite. It is filled as a whole or not at all. Everybody's password is the same, and whoever
        has this program knows every secret in it: it is for measuring and never for people.

        Options:
          --database DATABASE    sqlite:PATH, postgresql://… or postgresql: and keywords with values.
          --users N              People, each with a session; person-0@example.com and so on (default: 10000).
          --families N           Grants with refresh tokens (default: 50000).
          --clients N            Applications that the grants are spread over (default: 10).
          --codes N              Codes that can be redeemed for a day (default: 1 % of the families).
          --expired N            Expired grants, sessions and codes beside these (default: 2 % of the families).
          --master-key-file FILE The key of the server, to print tokens.
          --tokens N             Prints N lines: client, its secret, a refresh token.
          --help                 Print this.
        """
}
