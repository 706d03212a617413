import Identity
import JSON
import OAuthTypes
import Stores

/// Shows who opens an account at connectors.
struct UserLinksCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "links"],
        summary: "List the identities at connectors that open an account.",
        operand: .email,
        options: [.email, .json],
        examples: [CommandUsage.Example(purpose: "For people", command: "martlet user links ada@example.com")]
    )

    private let email: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        let user = try await tool.userID(email)
        let links = try await tool.stores.links.list(of: user)
        if try await !hasWayIn(user, links, tool.stores) {
            tool.console.complain(
                "nothing opens the account now: its owner sets a password by “Forgot your password?”, if the server can "
                    + "send mail, or you do (`martlet user set-password`)")
        }
        tool.console.show(
            links, asJSON: isJSON,
            columns: [
                "CONNECTOR": \.connector.rawValue, "SUBJECT": \.subject, "KNOWN AS": { $0.email ?? $0.name ?? "" },
                "LINKED": \.linkedAt.internetDate, "LAST USED": { $0.lastUsedAt?.internetDate ?? "never" },
            ]
        ) {
            $1.member("connector", $0.connector.rawValue)
            $1.member("subject", $0.subject)
            $1.member("email", $0.email)
            $1.member("name", $0.name)
            $1.member("linked_at", $0.linkedAt.internetDate)
            $1.member("last_used_at", $0.lastUsedAt?.internetDate)
        }
    }
}

extension UserLinksCommand {
    /// Whether anything opens the account: a password, a passkey, or a link to a connector that is enabled.
    private func hasWayIn(_ id: UserID, _ links: [LinkedIdentity], _ stores: Storage) async throws -> Bool {
        guard let user = try await stores.users.find(id), user.passwordHash == nil else { return true }
        if try await !stores.secondFactors.passkeys.list(of: id).isEmpty { return true }
        let enabled = Set(try await stores.connectors.list().filter(\.isEnabled).map(\.id))
        return links.contains { enabled.contains($0.connector) }
    }
}

/// Takes an identity at a connector off an account.
struct UserUnlinkCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "unlink"],
        summary: "Let an identity at a connector open an account no more.",
        discussion: """
            For a link that the owner knows nothing of. Everything that the account has
            open ends with it, as by a new password: every session, and whatever clients
            were granted, offline_access included. The last way in stays: set a password
            first, or disable the account.
            """,
        operand: .email,
        options: [.email, connector, subject],
        examples: [
            CommandUsage.Example(
                purpose: "A stranger's", command: "martlet user unlink ada@example.com --connector google")
        ]
    )

    private static let connector = Option.once("--connector", "ID", "The connector.")
    private static let subject = Option.once(
        "--subject", "SUBJECT", "Who, as `martlet user links` shows it; needed where there are several.")

    private let email: String
    private let connector: ConnectorID
    private let subject: String?

    init(_ arguments: Arguments) throws(UsageError) {
        email = try arguments.operand(or: .email)
        connector = ConnectorID(rawValue: try arguments.required(UserUnlinkCommand.connector))
        subject = arguments.value(UserUnlinkCommand.subject)
    }

    func run(in tool: Tool) async throws {
        let user = try await tool.userID(email)
        let links = try await tool.stores.links.list(of: user).filter { link in
            link.connector == connector && (subject.map { link.subject.utf8.elementsEqual($0.utf8) } ?? true)
        }
        guard let link = links.first else {
            throw CommandFailure("the account has no such link; `martlet user links` shows those that it has")
        }
        guard links.count == 1 else {
            throw CommandFailure("there are several links to \(connector): name the --subject")
        }
        let event = try await AuditTrail(tool.stores, masterKey: nil, clock: tool.clock, random: tool.random).event(
            .identityUnlinked, of: user, by: tool.administrator, from: .here,
            details: ["connector": connector.rawValue])
        let parting = LinkParting(
            connector: connector, subject: link.subject, userID: user, ending: .everything, at: tool.clock.now,
            event: event, notice: nil)
        switch try await tool.stores.links.unlink(parting) {
        case .removed: break
        case .unknown: throw CommandFailure("somebody else has removed it meanwhile")
        case .lastWayIn:
            throw CommandFailure(
                "nothing else opens the account: set a password first (`martlet user set-password`), or disable it")
        }
        tool.console.print(
            "It opens the account no more. Every session of the account has ended, with what clients were granted.")
    }
}
