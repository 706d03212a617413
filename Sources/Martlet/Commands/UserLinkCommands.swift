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
        let links = try await tool.stores.links.list(of: try await tool.userID(email))
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

/// Takes an identity at a connector off an account.
struct UserUnlinkCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["user", "unlink"],
        summary: "Let an identity at a connector open an account no more.",
        discussion: """
            For a link that the owner knows nothing of. Every session of the account
            ends; clients with offline_access keep their tokens until a new password
            (`martlet user set-password`). The last way in stays: set a password
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
        switch try await tool.stores.links.unlink(connector, subject: link.subject, of: user) {
        case .removed: break
        case .unknown: throw CommandFailure("somebody else has removed it meanwhile")
        case .lastWayIn:
            throw CommandFailure(
                "nothing else opens the account: set a password first (`martlet user set-password`), or disable it")
        }
        _ = try await tool.stores.sessions.endAll(of: user, except: nil, at: tool.clock.now)
        try await tool.note(.identityUnlinked, of: user, details: ["connector": connector.rawValue])
        tool.console.print(
            "It opens the account no more; every session of it has ended. What clients got with offline_access ends "
                + "with a new password: `martlet user set-password`.")
    }
}
