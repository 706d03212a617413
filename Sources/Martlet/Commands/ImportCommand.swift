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

            Who signs in elsewhere goes on so where a connector stands for that provider: the
            one that has its name in the export (identityProvider of Keycloak, connection of
            Auth0, providerName of Cognito), or the one that --connector names. Set connectors
            up first: of a provider without one the person is taken and the link is not, as
            the report says, and a later import adds no links to accounts that are there. A
            row whose identity opens another account already is refused.

            Groups and roles come along where the export has them: realmRoles and groups of
            Keycloak, app_metadata of Auth0, cognito:groups. Others stand in a list of their
            members, which --group and --role read: what `list-users-in-group` of Cognito
            answers, GET /api/v2/roles/ID/users of Auth0, GET .../groups/ID/members of
            Keycloak. What the Authorization Extension of Auth0 exports (Configuration,
            Import/Export), --authorization reads: groups with those in them (nested), and
            roles by group and by person. Its permissions and mappings are not taken.

            Formats:

              keycloak  kc.sh export --realm NAME --users realm_file (or each file of
                        different_files)
              auth0     a bulk export as JSON; with --hashes FILE the export of password
                        hashes that Auth0's support makes, which can also be taken alone
              cognito   `aws cognito-idp list-users` as JSON, or CSV by the headings of
                        `aws cognito-idp get-csv-header`
              jsonl     a JSON object a line; email, and what else you have of: id,
                        email_verified, name, password_hash, totp {secret in Base32,
                        algorithm, digits, period}, disabled, created_at (RFC 3339),
                        groups, roles, identities [{connector, subject}], profile
                        (not kept, but reported); true, false and lists as JSON has them
            """,
        operand: CommandUsage.Operand(name: "FILE", summary: "The export."),
        options: [
            format, hashes, authorization, connector, group, role, dryRun, resume, report, map, dropFactors,
            dropPasswords, .json,
        ],
        examples: [
            CommandUsage.Example(
                purpose: "What would come of a realm of Keycloak",
                command: "martlet import realm.json --from keycloak --dry-run"),
            CommandUsage.Example(
                purpose: "Auth0, with passwords, and people who sign in with Google",
                command: "martlet import users.json --from auth0 --hashes hashes.json \\\n"
                    + "      --connector google=google-oauth2"),
            CommandUsage.Example(
                purpose: "Cognito, with a group",
                command: "aws cognito-idp list-users --user-pool-id POOL > users.json\n"
                    + "  aws cognito-idp list-users-in-group --user-pool-id POOL \\\n"
                    + "      --group-name staff > staff.json\n"
                    + "  martlet import users.json --from cognito --group staff=staff.json \\\n"
                    + "      --connector google=Google"),
        ]
    )

    private static let format = Option.once("--from", "FORMAT", "keycloak, auth0, cognito or jsonl.")
    private static let hashes = Option.once("--hashes", "FILE", "Auth0's export of password hashes.")
    private static let authorization = Option.once(
        "--authorization", "FILE", "The export of Auth0's Authorization Extension.")
    private static let connector = Option.repeatable(
        "--connector", "ID=NAME",
        "The connector that stands for what the export calls NAME; the one of that name if none.")
    private static let group = Option.repeatable("--group", "NAME=FILE", "Whoever is listed in FILE is in a group.")
    private static let role = Option.repeatable("--role", "NAME=FILE", "Whoever is listed in FILE has a role.")
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
    private let authorizationPath: String?
    private let aliases: [(connector: String, alias: String)]
    private let lists: [MemberLists.Source]
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
        authorizationPath = arguments.value(ImportCommand.authorization)
        guard authorizationPath == nil || format == .auth0 else {
            throw UsageError("--authorization is for auth0", in: words)
        }
        aliases = try arguments.pairs(ImportCommand.connector).map { (connector: $0, alias: $1) }
        for (place, pair) in aliases.enumerated()
        where aliases[..<place].contains(where: { $0.alias == pair.alias && $0.connector != pair.connector }) {
            throw UsageError("two connectors stand for \(Console.visible(pair.alias))", in: words)
        }
        var lists: [MemberLists.Source] = []
        for (option, kind) in [(ImportCommand.group, Membership.Kind.group), (ImportCommand.role, .role)] {
            for (name, path) in try arguments.pairs(option) {
                guard let name = MembershipName(name) else {
                    throw UsageError("\(Console.visible(name)) cannot be the name of a \(kind.rawValue)", in: words)
                }
                lists.append(MemberLists.Source(membership: Membership(kind, name), path: path))
            }
        }
        self.lists = lists
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
        var rules = rules
        rules.connectors = try await connectors(tool)
        let authorization = try authorizationPath.map { try AuthorizationExtension(path: $0) }
        let memberLists = lists.isEmpty && authorization == nil ? nil : try MemberLists(lists, format)
        if let authorization {
            memberLists?.add(authorization)
            for group in authorization.mapped {
                tool.console.complain(
                    "the group \(Console.visible(group)) also takes people by groups of another provider, which the "
                        + "settings of its connector have to say here (claims.groups, group_names)")
            }
        }
        let (counts, report, map) = try files(file)
        let accounts = AccountImport(
            from: format, into: tool.stores, masterKey: try? tool.configuration.masterKey.read(),
            clock: tool.clock)
        let statePath = ImportState.path(of: path)
        let run = ImportRun(
            file: file, format: format, rules: rules, hashes: try hashPath.map(HashFile.init), lists: memberLists,
            accounts: accounts, mode: mode, report: report, map: map, statePath: isTaking ? statePath : nil)
        if isTaking {
            try await tool.note(.accountsImported, details: ["phase": "begun", "format": format.rawValue])
        }
        let progress = ImportProgress(tool.console, before: counts.rows)
        let result: ImportRun.Result
        do {
            result = try await run.run(from: counts, progress)
            progress.clear()
        } catch {
            progress.clear()
            throw failure(error)
        }
        if isTaking {
            var details = result.counts.details
            details["phase"] = "ended"
            details["format"] = format.rawValue
            try await tool.note(.accountsImported, details: details)
            unlink(statePath)
        }
        tell(result, progress.rate(result.counts), hasReport: report.length > 0, tool.console)
    }

    /// Which connector stands for which provider.
    private func connectors(_ tool: Tool) async throws -> ConnectorAliases {
        let known = try await tool.stores.connectors.list().map(\.id)
        var connectors = ConnectorAliases(known)
        for (id, alias) in aliases {
            guard let connector = known.first(where: { $0.rawValue == id }) else {
                throw CommandFailure.noConnector(id)
            }
            connectors.map(alias, to: connector)
        }
        return connectors
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

    private func tell(_ result: ImportRun.Result, _ rate: Double, hasReport: Bool, _ console: Console) {
        let counts = result.counts
        guard !isJSON else {
            console.print { writer in
                writer.object {
                    $0.member("dry_run", !isTaking)
                    counts.write(to: &$0)
                    $0.member("rows_per_second", rate.rounded())
                    $0.member("report", reportPath)
                    $0.array("unknown_providers") { for name in result.unknownProviders { $0.element(name) } }
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
        say(counts.linked, "identities at connectors \(isTaking ? "are" : "would be") linked.")
        say(counts.withoutConnector, "people sign in at a provider for which there is no connector:")
        for name in result.unknownProviders {
            let name = Console.visible(name)
            console.print("  \(name): connector CONNECTOR stands for it with --connector CONNECTOR=\(name)")
        }
        if counts.rows == 0 { console.print("\(Console.visible(path)) holds no people.") }
        if hasReport { console.print("The report: \(Console.visible(reportPath))") }
    }
}
