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
        summary: "Try a connector as far as it goes without a person, and say what to mend.",
        discussion: """
            Reads what the provider says of itself and its keys, shows it a code that nobody has
            given out, which tells whether it takes the id and the secret, and sends it an
            authorization request. What only a sign-in can show is said too. Ends with 1 where
            something has to be mended.
            """,
        operand: .connectorID,
        options: [.connectorID, .json],
        examples: [CommandUsage.Example(purpose: "One", command: "martlet connector test google")]
    )

    private let id: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(or: .connectorID)
        isJSON = arguments.has(.json)
    }

    func run(in tool: Tool) async throws {
        guard let connector = try await tool.stores.connectors.find(ConnectorID(rawValue: id)) else {
            throw CommandFailure.noConnector(id)
        }
        guard connector.kind != .ldap else {
            throw CommandFailure(.usage, "connector \(connector.id) is a directory, which is tried otherwise")
        }
        ProcessMemory.hide()
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
        await client.stop()
        show(checks, upstream, hasIssuer: root != nil, on: tool.console)
        let isBroken = checks.contains { if case .failed = $0.outcome { true } else { false } }
        guard !isBroken else { throw CommandFailure("connector \(connector.id) does not work yet") }
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
        case .failed(let reason): UpstreamCheck.Outcome.remedy(of: reason)
        }
    }

    private static func remedy(of reason: UpstreamFault.Reason) -> String {
        switch reason {
        case .unreachable, .timedOut, .serverError, .brokenAnswer, .circuitOpen, .tooManyAtOnce:
            "Check the issuer, the name service and the firewall of this machine: the provider does not answer."
        case .untrustedCertificate: "The provider's certificate does not prove its name; check the issuer."
        case .redirected: "The address leads elsewhere; name the one it leads to."
        case .noDiscovery, .malformedDiscovery, .answerTooLarge:
            "There is no discovery document below the issuer; check it, or set the endpoints."
        case .wrongDiscoveryIssuer:
            "The provider calls itself otherwise: issuer must be what its document says, byte for byte. "
                + "At Microsoft, tenant must be the number of the directory."
        case .unsafeAddress: "The document names an address without https, or one of an inner network."
        case .refusedClient: "Check client_id, the secret and client_authentication; secrets also run out."
        case .wrongRedirectURI, .refusedRequest:
            "Register the redirect URI below at the provider, byte for byte, and the scopes of the settings."
        case .refusedScope: "The provider does not know one of the scopes."
        case .noSecret: "The secret is not there, or another master key has sealed it: set the connector up again."
        case .wrongKey: "The secret must be the private key that the provider gave out, in PEM."
        case .noKeys: "jwks_uri holds no usable keys."
        default: "Sign in once and look for connector faults in the log."
        }
    }
}
