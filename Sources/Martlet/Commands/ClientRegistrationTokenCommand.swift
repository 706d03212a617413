import AuthorizationServer
import Identity
import JSON
import OAuthTypes
import Stores

/// Makes an initial access token: whoever has it may register a client.
struct ClientRegistrationTokenCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["client", "registration-token"],
        summary: "Make a token with which somebody may register a client over HTTP.",
        discussion: """
            What may be registered with it says the file that MARTLET_REGISTRATION names.
            The token is printed once and stored nowhere; it is made with the master key,
            so a changed master key ends it.
            """,
        options: [hours, reusable, .json],
        examples: [
            CommandUsage.Example(purpose: "For one client, today", command: "martlet client registration-token"),
            CommandUsage.Example(
                purpose: "For a pipeline that registers many, for a month",
                command: "martlet client registration-token --reusable --hours 720"),
        ]
    )

    static let hours = Option.once("--hours", "HOURS", "How long it is good; 24 unless given, at most 8760.")
    static let reusable = Option.flag("--reusable", "It is good for any number of clients, not for one.")

    private let hours: Int
    private let use: InitialAccessTokens.Use
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard let hours = Int(arguments.value(ClientRegistrationTokenCommand.hours) ?? "24"), (1...8760).contains(hours)
        else { throw UsageError("--hours takes a number from 1 to 8760", in: arguments.usage.words) }
        self.hours = hours
        use = arguments.has(ClientRegistrationTokenCommand.reusable) ? .often : .once
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        ProcessMemory.hide()
        let tokens = InitialAccessTokens(try tool.configuration.requireMasterKey())
        let end = tool.clock.now + .seconds(hours * 3600)
        let token = tokens.make(use, until: end, random: tool.random)
        try await tool.note(.registrationTokenMade, details: ["use": use == .once ? "once" : "often"])
        if isJSON {
            tool.console.print { writer in
                writer.object {
                    $0.member("initial_access_token", token)
                    $0.member("expires_at", end.seconds)
                }
            }
        } else {
            tool.console.print("Token           \(token)\nGood until      \(end.internetDate)")
        }
    }
}
