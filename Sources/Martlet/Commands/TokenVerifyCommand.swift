import AuthorizationServer
import Glibc
import HTTP
import JOSE
import JSON
import OAuthTypes
import Reactor
import Stores
import TokenVerifier

/// Tells whether a token is good, and if not, which check failed.
struct TokenVerifyCommand: Command {
    static let usage = CommandUsage(
        words: ["token", "verify"],
        summary: "Tell whether a token is good, and if not, why.",
        discussion: """
            The token is read from standard input, up to the first line break; "Bearer"
            before it does no harm.

            Without --issuer and --jwks it is verified as a token of this provider, with
            the keys in its database. With --issuer the keys are fetched from there;
            http is taken from this machine alone. With --issuer and --jwks nothing is
            fetched.

            Verified are form, type, algorithm, key, signature, issuer, audience, time and
            the claims that must be there. Whether the token was revoked is not: that is
            what introspection is for. The exit status is 0 if the token is good, 1 if it
            is not, 69 if the keys cannot be had.
            """,
        options: [issuer, jwks, audience, idToken, nonce, plainJWT, .json],
        examples: [
            CommandUsage.Example(purpose: "An access token of this provider", command: "martlet token verify < token"),
            CommandUsage.Example(
                purpose: "As an API of another provider would",
                command: "martlet token verify --issuer https://id.example --audience orders < token"),
        ]
    )

    private static let issuer = Option.once("--issuer", "URL", "Who must have issued it.")
    private static let jwks = Option.once("--jwks", "FILE", "The issuer's key set, instead of fetching it.")
    private static let audience = Option.repeatable(
        "--audience", "NAME", "Whom it must be for; one of several is enough. This provider's own is the default.")
    private static let idToken = Option.flag("--id-token", "It is an ID token; the audience is the client.")
    private static let nonce = Option.once("--nonce", "NONCE", "The nonce that the ID token must have.")
    private static let plainJWT = Option.flag(
        "--plain-jwt", "An access token may have the type JWT or none, as those of older providers.")

    /// Where the keys are.
    private enum Keys {
        case database
        case published(issuer: String)
        case file(String, issuer: String)
    }

    private let keys: Keys
    private let demand: TokenDemand
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        let usage = TokenVerifyCommand.self
        let issuer = arguments.value(usage.issuer)
        let words = TokenVerifyCommand.usage.words
        switch (issuer, arguments.value(usage.jwks)) {
        case (nil, nil): keys = .database
        case (let issuer?, nil): keys = .published(issuer: issuer)
        case (let issuer?, let file?): keys = .file(file, issuer: issuer)
        case (nil, _?): throw UsageError("--jwks goes with --issuer: a key set does not say whose it is", in: words)
        }
        let isIDToken = arguments.has(usage.idToken)
        if !isIDToken, arguments.has(usage.nonce) { throw UsageError("--nonce goes with --id-token", in: words) }
        if isIDToken, arguments.has(usage.plainJWT) {
            throw UsageError("--id-token and --plain-jwt exclude each other", in: words)
        }
        let audiences = arguments.values(usage.audience)
        if audiences.isEmpty, issuer != nil || isIDToken {
            throw UsageError(
                "--audience NAME is missing: " + (isIDToken ? "the client's identifier" : "whom the token is for"),
                in: words)
        }
        demand = TokenDemand(
            kind: isIDToken
                ? .idToken(nonce: arguments.value(usage.nonce))
                : .accessToken(arguments.has(usage.plainJWT) ? .plainJWT : .rfc9068),
            audiences: audiences)
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        // Wrong settings are told before somebody types a token.
        let local = if case .database = keys { try LocalKeys(settings) } else { nil as LocalKeys? }
        let group = try EventLoopGroup(count: 1)
        MainTask.run(on: group, console) {
            let token = try DecodedToken.read(console)
            let verdict = try await judge(token, local, on: group)
            verdict.print(isJSON: isJSON, console)
            if let failure = verdict.failure { throw failure }
        }
    }

    private func judge(
        _ token: DecodedToken, _ local: LocalKeys?, on group: EventLoopGroup
    ) async throws -> TokenVerdict {
        switch keys {
        case .database:
            guard let local else { throw CommandFailure("there are no settings") }
            return await demand.verdict(
                on: token, of: local.issuer, IssuerKeys(try await local.load(on: group)))
        case .file(let path, let issuer):
            return await demand.verdict(on: token, of: issuer, IssuerKeys(try TokenVerifyCommand.keySet(path)))
        case .published(let issuer):
            let client = try OutgoingClient()
            let source = HTTPKeySetSource(client, plainHTTP: .loopback, timeout: .seconds(10))
            let verdict = await demand.verdict(
                on: token, of: issuer, IssuerKeys(discoveredFrom: issuer, by: source))
            await client.stop()
            return verdict
        }
    }

    private static func keySet(_ path: String) throws(CommandFailure) -> JWKSet {
        let shown = Console.visible(path)
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(path, limit: 256 * 1024).bytes } catch {
            throw CommandFailure(.badData, "\(shown) cannot be read: \(error)")
        }
        let document: JSONObject
        do { document = try JSONObject(parsing: bytes) } catch {
            throw CommandFailure(.badData, "\(shown) is no JSON object: \(error)")
        }
        do { return try JWKSet(document) } catch {
            throw CommandFailure(.badData, "\(shown) is no key set that can be used: \(TokenVerdict.sentence(error))")
        }
    }
}
