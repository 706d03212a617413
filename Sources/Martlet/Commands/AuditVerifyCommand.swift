import Glibc
import Identity
import JOSE
import JSON
import OAuthTypes
import Reactor
import SQLStores
import Stores

/// Tells whether the log of security events is as it was written.
struct AuditVerifyCommand: Command {
    static let usage = CommandUsage(
        words: ["audit", "verify"],
        summary: "Tell whether the log of security events is as it was written.",
        discussion: """
            A file of `martlet audit export` is verified without database, settings or
            network, - for standard input; --database verifies the log where it is, with the
            signing keys there. --jwks names a key set that you kept or fetched yourself:
            without it a file is verified with the keys that it brings along.

            Found are a changed, missing, added or moved event, a forged checkpoint, an
            end that was cut off before a checkpoint; the first event that is wrong is named.
            In the database a beginning that was cut off is found, too; a file may begin
            anywhere.
            Up to the last checkpoint that a trusted key signed, nobody without that key has
            changed anything since. Behind it, and against whoever has the key, only another
            copy helps: an older export, or the server's log, which names every checkpoint.

            The exit status is 0 if the chain holds, 1 if it does not, and 2 if it holds
            but no trusted key has signed any of it, also because there is nothing, where keys
            were named or --database brings them.
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The exported log."),
        options: [database, jwks, .json],
        examples: [
            CommandUsage.Example(
                purpose: "An export, with keys from elsewhere",
                command: "martlet audit verify audit.jsonl --jwks jwks.json"),
            CommandUsage.Example(purpose: "The log where it is", command: "martlet audit verify --database"),
        ]
    )

    private static let database = Option.flag("--database", "The log in the database.")
    private static let jwks = Option.once("--jwks", "FILE", "A key set whose keys are trusted.")

    private enum Place {
        case file(String)
        case database
    }

    private let place: Place
    private let jwks: String?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let words = AuditVerifyCommand.usage.words
        switch (arguments.operand, arguments.has(AuditVerifyCommand.database)) {
        case (let path?, false): place = .file(path)
        case (nil, true): place = .database
        case (nil, false): throw UsageError("FILE or --database is missing", in: words)
        case (_?, true): throw UsageError("FILE and --database exclude each other", in: words)
        }
        jwks = arguments.value(AuditVerifyCommand.jwks)
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let trusted = try jwks.map(AuditVerifyCommand.keySet)
        switch place {
        case .file(let path):
            let lines = try LineReader(path)
            var verifier = AuditVerifier(trusting: trusted ?? [])
            let fault = try AuditVerifyCommand.fault { try verifier.read { try lines.next() } }
            tell(verifier.finding, fault, hasKeys: trusted != nil, console)
        case .database:
            let configuration = try Configuration(forTools: settings)
            let masterKey = try configuration.requireMasterKey()
            ProcessMemory.hide()
            let group = try EventLoopGroup(count: 1)
            MainTask.run(on: group, console) {
                let storage = try await configuration.database.open(on: group, role: .tool, schema: .require)
                let tool = Tool(configuration: configuration, storage: storage, console: console)
                try await tool.linkEvents()
                let records = try await storage.stores.keys.list()
                // A key that does not open has signed nothing that this program could trust.
                let keys = records.compactMap {
                    try? StoredSigningKey(opening: $0.sealed, with: masterKey, named: $0.id.rawValue).publicKey
                }
                var verifier = AuditVerifier(trusting: (trusted ?? []) + keys)
                var fault: AuditVerifier.Fault?
                let status = StatusLine()
                do {
                    try await verifier.read(storage.stores.audit) { place in
                        if place % 1000 == 0 { status.put("Verified \(place) events") }
                    }
                } catch let found as AuditVerifier.Fault {
                    fault = found
                }
                status.clear()
                await storage.close()
                tell(verifier.finding, fault, hasKeys: true, console)
            }
        }
    }

    private static func fault(_ verify: () throws -> Void) throws -> AuditVerifier.Fault? {
        do {
            try verify()
            return nil
        } catch let fault as AuditVerifier.Fault {
            return fault
        }
    }

    private static func keySet(_ path: String) throws(CommandFailure) -> [PublicKey] {
        do {
            let bytes = try SmallFile.read(path, limit: 256 * 1024).bytes
            return try JWKSet(try JSONObject(parsing: bytes)).keys
        } catch {
            throw CommandFailure(.badData, "\(Console.visible(path)) is no key set: \(error)")
        }
    }

    private func tell(
        _ finding: AuditVerifier.Finding, _ fault: AuditVerifier.Fault?, hasKeys: Bool, _ console: Console
    ) -> Never {
        let isUntrusted = hasKeys && finding.trusted == nil
        if isJSON {
            console.print { writer in
                writer.object {
                    $0.member("holds", fault == nil)
                    $0.member("fault", fault?.description)
                    $0.member("issuer", finding.issuer)
                    $0.member("first", finding.first)
                    $0.member("last", finding.last)
                    $0.member("checkpoints", finding.checkpoints)
                    $0.member("covered", finding.covered)
                    $0.member("covered_at", finding.coveredAt?.internetDate)
                    $0.member("trusted", finding.trusted)
                    $0.member("keys", finding.keys)
                }
            }
        } else {
            AuditVerifyCommand.lines(finding, fault, hasKeys: hasKeys).forEach { console.print($0) }
        }
        if let fault { console.complain("martlet: the log is not as it was written: \(fault)") }
        exit((fault != nil ? ExitStatus.failure : isUntrusted ? .pending : .success).rawValue)
    }

    private static func lines(
        _ finding: AuditVerifier.Finding, _ fault: AuditVerifier.Fault?, hasKeys: Bool
    ) -> [String] {
        var lines: [String] = []
        guard let first = finding.first, let last = finding.last else {
            return fault == nil ? ["There are no events."] : []
        }
        let part = fault == nil ? "The chain holds" : "The chain holds only"
        lines.append("\(part) from event \(first) to event \(last).")
        if first > 1 {
            lines.append(
                "Events before \(first) are not in it: "
                    + (finding.pruned >= first - 1
                        ? "removed by their age."
                        : "left out by --since, or removed by somebody, for no event says that their age did it."))
        }
        if let covered = finding.covered, let at = finding.coveredAt {
            lines.append("Signed up to event \(covered), \(at.internetDate), with \(finding.checkpoints) checkpoints.")
            if hasKeys {
                lines.append(
                    finding.trusted.map { "A trusted key signed up to event \($0)." }
                        ?? "None of the trusted keys has signed it.")
            } else {
                lines.append("The keys come from the file itself: compare their thumbprints, or name a key set.")
            }
            for key in finding.keys { lines.append("  " + key) }
        } else {
            lines.append("No checkpoint has signed any of it.")
        }
        return lines
    }
}
