import AuthorizationServer
import Glibc
import JOSE
import JSON
import SQLStores

/// Moves everything that is sealed to a new master key.
struct KeysResealCommand: Command {
    static let usage = CommandUsage(
        words: ["keys", "reseal"],
        summary: "Seal everything with the new master key that an older one sealed.",
        discussion: """
            The server runs meanwhile, and an interruption at any moment loses nothing: run it
            again. To replace a master key:

            1. Put the new key as a second line into the master key's file of every node, and
               restart them: from now on all can open what it seals. One node alone can skip
               this.
            2. Make it the first line everywhere, and restart: the first key seals, all open.
            3. Run this command with the same file.
            4. Remove the old line and restart. Refresh tokens made under the old key end with
               it, so let as long pass as one may lie unused (14 days), unless somebody else
               knows the old key: then the sooner the better, and people sign in again.
            """,
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "A new master key before the one in use",
                command: "cd /etc/martlet && (umask 077;\n"
                    + "  { openssl rand -base64 32; cat master.key; } > new.key) &&\n"
                    + "  mv new.key master.key"
            )
        ]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        ProcessMemory.hide()
        let configuration = try Configuration(forTools: settings)
        let masterKey = try configuration.requireMasterKey()
        let line = StatusLine()
        defer { line.clear() }
        let values = try SealedValues(try configuration.database.place(configuration.database.location))
        let report = try Resealing(masterKey: masterKey).run(over: values) { line.put("Sealed values: \($0)") }
        line.clear()
        if isJSON {
            tellJSON(report, masterKey, console)
        } else {
            tell(report, masterKey, configuration.policy, console)
        }
        exit((report.isWhole ? ExitStatus.success : .failure).rawValue)
    }

    private func tell(_ report: Resealing.Report, _ masterKey: MasterKey, _ policy: Policy, _ console: Console) {
        console.print(
            "\(report.resealed) of \(report.seen) sealed values were sealed anew with master key \(masterKey.id).")
        for (id, count) in report.strange.sorted(by: { $0.key.description < $1.key.description }) {
            console.complain(
                "martlet: \(count) are sealed with master key \(id), which is not here; put it behind the first one")
        }
        for (table, count) in report.damaged.sorted(by: { $0.key < $1.key }) {
            console.complain("martlet: \(count) of table \(table) are damaged; restore them from a backup")
        }
        guard report.isWhole, !masterKey.predecessors.isEmpty else { return }
        let days = policy.refreshIdleLifetime.components.seconds / 86_400
        let older = masterKey.predecessors.map { "\($0.id)" }.joined(separator: ", ")
        console.print("The database needs \(older) no more.")
        console.print(
            days > 0
                ? "Refresh tokens made under it do: keep it for \(days) days, or remove it now and have people sign in again."
                : "Refresh tokens made under it do, for as long as one may lie unused.")
    }

    private func tellJSON(_ report: Resealing.Report, _ masterKey: MasterKey, _ console: Console) {
        console.print { writer in
            writer.object { writer in
                writer.member("master_key", "\(masterKey.id)")
                writer.member("values", report.seen)
                writer.member("resealed", report.resealed)
                writer.member("of_other_master_keys", report.strange.values.reduce(0, +))
                writer.member("damaged", report.damaged.values.reduce(0, +))
            }
        }
    }
}
