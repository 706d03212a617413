import AuthorizationServer
import Federation
import Identity
import JOSE
import JSON
import OAuthTypes
import Stores
import TokenVerifier

/// Tries a connector.
struct ConnectorTestCommand: ToolCommand {
    static let usage = CommandUsage(
        words: ["connector", "test"],
        summary: "Try a connector, and say what is wrong and how to mend it.",
        discussion: """
            Reads what the provider says of itself and its keys, shows it a code that nobody has
            given out, which tells whether it takes the id and the secret, and sends it an
            authorization request. What only a sign-in can show is said too. With --sign-in you
            walk the rest: you sign in there in a browser, and see what the provider says of
            you and what that means here; nobody is signed in by it, nothing is changed. Ends
            with 1 where something has to be mended.

            A directory is reached, proves itself by its certificate, takes the account that
            searches, and has people, identifiers, addresses and groups where they are looked
            for; with --sign-in you type an address and its password there.
            """,
        operand: .connectorID,
        options: [.connectorID, signIn, .json],
        examples: [
            CommandUsage.Example(purpose: "One", command: "martlet connector test google"),
            CommandUsage.Example(
                purpose: "All the way, with a browser", command: "martlet connector test google --sign-in"),
        ]
    )

    static let signIn = Option.flag("--sign-in", "Sign in there too, in a browser of yours.")

    private let id: String
    let isJSON: Bool
    let walks: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
        isJSON = arguments.has(.json)
        walks = arguments.has(ConnectorTestCommand.signIn)
        if walks, isJSON {
            throw UsageError("--sign-in speaks with people: leave --json out", in: arguments.usage.words)
        }
    }

    func run(in tool: Tool) async throws {
        guard let connector = try await tool.stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        if !connector.isEnabled {
            tool.console.complain("connector \(connector.id) is disabled: nobody signs in by it, whatever follows says")
        }
        ProcessMemory.hide()
        if connector.isEnabled {
            // What is there already may have been set up before this was looked at.
            let all = try await tool.stores.connectors.list()
            do throws(CommandFailure) {
                try ConnectorRivals.check([connector], among: all)
            } catch {
                tool.console.complain(error.sentence)
            }
        }
        guard connector.kind != .ldap else { return try await tryDirectory(connector, tool) }
        let client = UpstreamClient()
        let root = tool.configuration.issuer?.url
        let upstream: Upstream
        do throws(SettingsFault) {
            upstream = try Upstream(
                connector,
                Upstream.Parts(
                    transport: client, masterKey: try masterKey(tool), clock: tool.clock,
                    verifierClock: SystemVerifierClock(), random: tool.random,
                    spent: tool.stores.secondFactors.spentChallenges, root: root ?? "https://ISSUER"))
        } catch {
            throw CommandFailure(.badData, "connector \(connector.id): \(Console.visible(error.description))")
        }
        let checks = await upstream.check()
        show(checks, upstream, hasIssuer: root != nil, on: tool.console)
        let isBroken = checks.contains { if case .failed = $0.outcome { true } else { false } }
        if walks, !isBroken, root != nil {
            do {
                try await walk(upstream, tool)
            } catch {
                await client.stop()
                throw error
            }
        }
        await client.stop()
        guard !isBroken else { throw CommandFailure("connector \(connector.id) does not work yet") }
    }

    private func walk(_ upstream: Upstream, _ tool: Tool) async throws {
        let browser = SHA256.digest(of: tool.random.bytes(32))
        guard let digest = TokenDigest(bytes: browser.bytes) else { return }
        do {
            let identity = try await ConnectorWalk(
                upstream: upstream, browser: digest, tell: { tool.console.complain($0) },
                ask: { tool.console.readLine($0) }
            ).walk()
            let acquaintance = try await ConnectorWalk.Acquaintance(of: identity, in: tool.stores)
            for (label, value) in ConnectorWalk.lines(of: identity, upstream.settings.policy, acquaintance) {
                tool.console.print(label + String(repeating: " ", count: 12 - label.count) + value)
            }
        } catch let fault as UpstreamFault {
            guard let reason = fault.reason else { throw CommandFailure("it was cancelled at the provider") }
            throw CommandFailure("\(reason.rawValue): \(reason.remedy)")
        }
    }

    private func masterKey(_ tool: Tool) throws(SettingsFault) -> MasterKey {
        guard let key = try? tool.configuration.requireMasterKey() else { throw .noSecret }
        return key
    }

    private func show(_ checks: [UpstreamCheck], _ upstream: Upstream, hasIssuer: Bool, on console: Console) {
        guard !isJSON else {
            console.print { writer in
                writer.object { writer in
                    writer.member("redirect_uri", upstream.redirectURI)
                    writer.array("checks") { writer in
                        for check in checks {
                            writer.element {
                                $0.member("part", check.part.rawValue)
                                $0.member("outcome", check.outcome.word)
                                $0.member("remedy", check.outcome.remedy)
                            }
                        }
                    }
                }
            }
            return
        }
        for check in checks {
            let name = check.part.rawValue
            console.print(name + String(repeating: " ", count: 12 - name.count) + check.outcome.word)
            if let remedy = check.outcome.remedy { console.print("            " + remedy) }
        }
        console.print("\nRegister this redirect URI at the provider: \(upstream.redirectURI)")
        if !hasIssuer { console.print("Set MARTLET_ISSUER, so that it can be named here and be tried.") }
    }
}

extension UpstreamCheck.Outcome {
    /// What came of it, in a word.
    var word: String {
        switch self {
        case .passed: "well"
        case .open: "unknown"
        case .failed(let reason): reason.rawValue
        }
    }

    /// What to do about it.
    var remedy: String? {
        switch self {
        case .passed: nil
        case .open: "The provider does not say; sign in once to see."
        case .failed(let reason): reason.remedy
        }
    }
}
