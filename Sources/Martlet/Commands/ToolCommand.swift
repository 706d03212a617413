import AuthorizationServer
import Glibc
import Identity
import JOSE
import OAuthTypes
import Reactor
import SQLStores
import Stores

/// A command that works on the database, also while the server runs.
protocol ToolCommand: Command {
    /// What becomes of a database that lacks steps of the schema, or is not there yet.
    ///
    /// Whoever replaces a program decides when the database follows, by `migrate` or a start: no other command does.
    static var schema: SQLStorage.SchemaPolicy { get }

    func run(in tool: Tool) async throws
}

/// What such a command works with.
struct Tool: Sendable {
    let configuration: Configuration
    let storage: SQLStorage
    let console: Console
    let clock: any TimeSource = SystemClock()
    let random: any RandomSource = SystemRandom()

    var stores: Storage { storage.stores }

    /// People's accounts; starts a thread that hashes.
    func accounts() throws -> Accounts { try accounts(judge: nil) }

    /// The same, with what the server asks of passwords that people choose.
    func judgedAccounts() throws -> Accounts { try accounts(judge: configuration.passwordJudge()) }

    private func accounts(judge: PasswordJudge?) throws -> Accounts {
        let pool = try WorkerPool(name: "passwords", threads: 1, queueLimit: 1)
        let hasher = try PasswordHasher(pool: pool, parameters: configuration.passwordHash)
        return Accounts(
            stores.users, hasher: hasher, clock: clock, random: random, judge: judge)
    }
}

extension ToolCommand {
    static var schema: SQLStorage.SchemaPolicy { .require }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let configuration = try Configuration(forTools: settings)
        if Self.schema != .require, case .sqlite(let path) = configuration.database.location, access(path, F_OK) != 0 {
            console.complain("martlet: there is no database at \(Console.visible(path)); making one")
        }
        let group = try EventLoopGroup(count: 1)
        MainTask.run(on: group, console) {
            let storage = try await configuration.database.open(on: group, role: .tool, schema: Self.schema)
            do {
                try await run(in: Tool(configuration: configuration, storage: storage, console: console))
            } catch {
                await storage.close()
                throw error
            }
            await storage.close()
        }
    }
}
