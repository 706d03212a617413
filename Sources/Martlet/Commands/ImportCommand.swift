import Glibc
import Identity
import JSON
import OAuthTypes
import Stores

/// Takes people over from another provider.
struct ImportCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["import"],
        summary: "Take people over from Keycloak, Auth0, Amazon Cognito or a file of your own.",
        discussion: """
            People keep their passwords: bcrypt, PBKDF2, scrypt and Argon2 hashes are taken as
            they are, and replaced by ours when their owner signs in. Who has none (Cognito
            exports none) chooses one by the link of "forgot password". Authenticator apps go
            on working where their codes are six digits of SHA-1 in 30 seconds.

            The server may run meanwhile. Every row that is not taken stands in the report with
            its line and the reason; nothing that is there already is changed. An import that
            was interrupted goes on with --resume. Look first, with --dry-run.

            A person whose second factor cannot be taken over is refused, since the account
            would be weaker, unless you say --drop-second-factors; so is one whose password
            hash is of another kind, unless you say --drop-unusable-passwords.

            Formats:

              keycloak  kc.sh export --realm NAME --users realm_file (or each file of
                        different_files)
              auth0     a bulk export as JSON; with --hashes FILE the export of password
                        hashes that Auth0's support makes, which can also be taken alone
              cognito   CSV by the headings of `aws cognito-idp get-csv-header`
              jsonl     a JSON object a line; email, and what else you have of: id,
                        email_verified, name, password_hash, totp {secret, algorithm,
                        digits, period}, disabled, created_at, groups, roles,
                        identities [{connector, subject}], profile
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The export."),
        options: [
            format, hashes, dryRun, resume, report, map, dropFactors, dropPasswords, .json,
        ],
        examples: [
            CommandUsage.Example(
                purpose: "What would come of a realm of Keycloak",
                command: "martlet import realm.json --from keycloak --dry-run"),
            CommandUsage.Example(
                purpose: "Auth0, with passwords",
                command: "martlet import users.json --from auth0 --hashes hashes.json"),
        ]
    )

    private static let format = Option.once("--from", "FORMAT", "keycloak, auth0, cognito or jsonl.")
    private static let hashes = Option.once("--hashes", "FILE", "Auth0's export of password hashes.")
    private static let dryRun = Option.flag("--dry-run", "Look at every row, and make nothing.")
    private static let resume = Option.flag("--resume", "Go on with an import of FILE that was interrupted.")
    private static let report = Option.once(
        "--report", "FILE", "Where rows are noted that are not taken; FILE.report.jsonl if none.")
    private static let map = Option.once(
        "--map", "FILE", "Where each person's old identifier and new sub are noted, as JSON Lines.")
    private static let dropFactors = Option.flag(
        "--drop-second-factors", "Take people without a second factor that cannot be taken over.")
    private static let dropPasswords = Option.flag(
        "--drop-unusable-passwords", "Take people without a password whose hash cannot be used; they choose another.")

    private let path: String
    private let format: ExportFormat
    private let hashPath: String?
    private let reportPath: String
    private let mapPath: String?
    private let mode: ImportRun.Mode
    private let isResuming: Bool
    private let rules: ImportRules
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let words = ImportCommand.usage.words
        guard let operand = arguments.operand else { throw UsageError("FILE is missing", in: words) }
        path = operand
        let text = try arguments.required(ImportCommand.format)
        guard let format = ExportFormat(rawValue: text) else {
            throw .unknown("format", text, known: ExportFormat.allCases.map(\.rawValue), in: words)
        }
        self.format = format
        hashPath = arguments.value(ImportCommand.hashes)
        guard hashPath == nil || format == .auth0 else { throw UsageError("--hashes is for auth0", in: words) }
        reportPath = arguments.value(ImportCommand.report) ?? path + ".report.jsonl"
        mapPath = arguments.value(ImportCommand.map)
        mode = arguments.has(ImportCommand.dryRun) ? .look : .take
        isResuming = arguments.has(ImportCommand.resume)
        if case .look = mode, isResuming {
            throw UsageError("--dry-run and --resume exclude each other", in: words)
        }
        rules = ImportRules(
            unusableSecondFactors: arguments.has(ImportCommand.dropFactors) ? .drop : .refuse,
            unusablePasswords: arguments.has(ImportCommand.dropPasswords) ? .drop : .refuse)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let file = try FilePieces(path)
        let (counts, report, map) = try files(file)
        let accounts = AccountImport(
            from: format, into: tool.stores.users, masterKey: try? tool.configuration.masterKey.read(),
            clock: tool.clock)
        let statePath = ImportState.path(of: path)
        let run = ImportRun(
            file: file, format: format, rules: rules, hashes: try hashPath.map(HashFile.init), accounts: accounts,
            mode: mode, report: report, map: map, statePath: isTaking ? statePath : nil)
        if isTaking {
            try await tool.note(.accountsImported, details: ["phase": "begun", "format": format.rawValue])
        }
        let progress = ImportProgress(tool.console, before: counts.rows)
        let result: ImportCounts
        do {
            result = try await run.run(from: counts, progress)
            progress.clear()
        } catch {
            progress.clear()
            throw failure(error)
        }
        if isTaking {
            var details = result.details
            details["phase"] = "ended"
            details["format"] = format.rawValue
            try await tool.note(.accountsImported, details: details)
            unlink(statePath)
        }
        tell(result, progress.rate(result), tool.console)
    }

    private var isTaking: Bool { if case .take = mode { true } else { false } }

    /// Where to go on, the report and the map; refuses what would lose something of an earlier run.
    private func files(_ file: FilePieces) throws(CommandFailure) -> (ImportCounts, OutputFile, OutputFile?) {
        guard isTaking else {
            return (ImportCounts(), try OutputFile(reportPath, .replacing), try map(.replacing))
        }
        let statePath = ImportState.path(of: path)
        let state = try ImportState.read(statePath)
        guard isResuming else {
            guard state == nil else {
                throw CommandFailure(
                    "an import of \(Console.visible(path)) was interrupted; go on with it by --resume, or remove "
                        + "\(Console.visible(statePath)) to begin anew, which changes nothing of what was made")
            }
            return (ImportCounts(), try OutputFile(reportPath, .replacing), try map(.replacing))
        }
        guard let state else {
            throw CommandFailure("there is no interrupted import of \(Console.visible(path)) to go on with")
        }
        guard state.format == format, state.size == file.size, state.modified == file.modified else {
            throw CommandFailure(
                .badData, "\(Console.visible(path)) is another file, or of another format, than the one that was begun")
        }
        return (state.counts, try OutputFile(reportPath, .continuing(from: state.reportLength)), try map(.appending))
    }

    private func map(_ mode: OutputFile.Mode) throws(CommandFailure) -> OutputFile? {
        guard let mapPath else { return nil }
        return try OutputFile(mapPath, mode)
    }

    /// What interrupts an import, with the way to go on.
    private func failure(_ error: any Error) -> any Error {
        let next = isTaking ? "; what was read before is taken, mend that and go on with --resume" : ""
        switch error {
        case let error as ExportRows.Damage:
            return CommandFailure(.badData, "\(Console.visible(path)): \(error)\(next)")
        case is AccountImport.NoMasterKey:
            return CommandFailure(
                .configuration, "there are secrets of authenticator apps to seal, and the master key cannot be read")
        default: return error
        }
    }

    private func tell(_ counts: ImportCounts, _ rate: Double, _ console: Console) {
        guard !isJSON else {
            console.print { writer in
                writer.object {
                    $0.member("dry_run", !isTaking)
                    counts.write(to: &$0)
                    $0.member("rows_per_second", rate.rounded())
                    $0.member("report", reportPath)
                }
            }
            return
        }
        func say(_ count: Int, _ text: String) {
            if count > 0 { console.print("\(FigureText.grouped(count)) \(text)") }
        }
        console.print(
            "\(FigureText.grouped(counts.rows)) rows, \(FigureText.rate(rate))"
                + (isTaking ? "." : "; nothing was made."))
        console.print(
            "\(FigureText.grouped(counts.made)) \(isTaking ? "accounts were made" : "accounts would be made"),")
        say(counts.withoutPassword, "of them without a password: their owners choose one by a link in a mail,")
        say(counts.incomplete, "of them without everything that the row holds,")
        say(counts.present, "were there from an earlier run,")
        console.print("\(FigureText.grouped(counts.refused)) rows were not taken.")
        if counts.refused + counts.incomplete > 0 { console.print("The report: \(Console.visible(reportPath))") }
    }
}
