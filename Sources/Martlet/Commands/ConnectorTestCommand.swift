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
        if !connector.isEnabled {
            tool.console.complain("connector \(connector.id) is disabled: nobody signs in by it, whatever follows says")
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
            throw CommandFailure("\(reason.rawValue): \(UpstreamCheck.Outcome.remedy(of: reason))")
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
        case .failed(let reason): UpstreamCheck.Outcome.remedy(of: reason)
        }
    }

    static func remedy(of reason: UpstreamFault.Reason) -> String {
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
        case .unsafeAddress:
            "The document names an address without https, or one of an inner network: name that endpoint in the settings "
                + "(token_endpoint, jwks_uri, ...), which makes it your own."
        case .refusedClient: "Check client_id, the secret and client_authentication; secrets also run out."
        case .wrongRedirectURI, .refusedRequest:
            "Register the redirect URI below at the provider, byte for byte, and the scopes of the settings."
        case .refusedScope: "The provider does not know one of the scopes."
        case .noSecret: "The secret is not there, or another master key has sealed it: set the connector up again."
        case .wrongKey: "The secret must be the private key that the provider gave out, in PEM."
        case .noKeys: "jwks_uri holds no usable keys."
        case .refusedCode: "The provider does not take its code: sign in anew; codes count once and for a short while."
        case .unknownState, .otherBrowser, .otherConnector, .expiredState, .replayedState, .malformedAnswer:
            "That is the answer to another request: open the address anew and copy the one it ends at."
        case .wrongIssuer, .missingIssuer, .wrongTokenIssuer:
            "The answer names another issuer: set issuer to what the provider calls itself."
        case .wrongAudience: "The ID token is for somebody else: check client_id."
        case .wrongNonce:
            "The ID token does not repeat the nonce: set nonce to false only for a provider that never does."
        case .wrongAlgorithm, .wrongSignature, .unknownKey, .malformedToken, .wrongAccessTokenHash, .noIDToken:
            "The ID token is not signed by a key of jwks_uri with an algorithm that we take; look at the client's "
                + "registration there (RS256, ES256 or EdDSA), and at the scope openid."
        case .expiredToken: "The clocks of this machine and of the provider differ: set this one by NTP."
        case .otherTenant: "That account belongs to another tenant or lacks a claim of require."
        case .noSubject, .otherSubject: "The provider does not say who the person is: check claims.subject."
        case .malformedProfile, .refusedProfile: "The call for the profile failed: check userinfo_endpoint and scopes."
        case .malformedTokenResponse: "The token endpoint answered no JSON with an access token: check token_endpoint."
        default: "Sign in once and look for connector faults in the log."
        }
    }
}
