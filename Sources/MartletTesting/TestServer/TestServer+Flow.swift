public import AuthorizationServer
import JOSE
public import OAuthTypes
public import Stores

extension TestServer {
    /// The proof key of every request that names no other.
    public static let verifier = String(repeating: "v", count: 43)

    // MARK: Browsers

    /// A browser that nobody is signed in to, with a cookie of its own.
    public func browser() -> Browser {
        Browser(secret: environment.newSecret(), session: nil)
    }

    /// The same browser after a person has signed in to it, now.
    public func signIn(_ person: User? = nil, in browser: Browser? = nil) async throws -> Browser {
        let now = clock.now
        let owner = (person ?? user).id
        // Whoever signs in again stays in the session that clients know, as `Sessions` has it.
        let before = browser?.session.flatMap { $0.userID == owner ? $0.id : nil }
        let session = Session(
            digest: TokenDigest(of: environment.newSecret()),
            id: before ?? SessionID(rawValue: environment.newSecret()),
            userID: owner, authenticatedAt: now, methods: [.password],
            startedAt: now, lastUsedAt: now, device: nil, network: nil,
            expiresAt: now + environment.policy.sessionLifetime
        )
        let old = browser?.session?.digest
        var isRenewed = false
        if before != nil, let old { isRenewed = try await storage.sessions.renew(session, from: old, at: now) }
        if !isRenewed { try await storage.sessions.start(session, replacing: old) }
        return Browser(secret: browser?.secret ?? environment.newSecret(), session: session)
    }

    /// Signs out as a person does on our own page.
    public func signOut(_ browser: Browser) async throws {
        guard let session = browser.session else { return }
        _ = try await storage.sessions.end(session.digest, at: clock.now)
    }

    // MARK: Authorization requests

    /// A request in good order, with some parameters changed and those that are nil left out.
    public func request(
        _ changes: [Parameter: String?] = [:], resources: [String] = [], for client: Client? = nil
    ) -> [UInt8] {
        let client = client ?? self.client
        var values: [Parameter: String] = [
            .clientID: client.id.rawValue, .responseType: "code", .scope: "openid profile", .state: "af0ifjsldkj",
            .nonce: "n-0S6_WzA2Mj", .codeChallenge: CodeChallenge.s256(TestServer.verifier).rawValue,
            .codeChallengeMethod: "S256",
        ]
        values[.redirectURI] = client.redirectURIs.first?.rawValue
        for (name, value) in changes { values[name] = value }
        let pairs = values.map { "\(FormParameters.encode($0.key.rawValue))=\(FormParameters.encode($0.value))" }
        let named = resources.map { "resource=" + FormParameters.encode($0) }
        return Array((pairs.sorted() + named).joined(separator: "&").utf8)
    }

    /// What the authorization endpoint says to a request.
    public func decide(
        _ changes: [Parameter: String?] = [:], resources: [String] = [], for client: Client? = nil,
        from browser: Browser
    ) async throws -> AuthorizationEndpoint.Decision {
        try await AuthorizationEndpoint(environment).respond(
            to: request(changes, resources: resources, for: client), from: browser)
    }

    /// The answer to a request of a person who signs in and allows everything.
    public func authorization(
        _ changes: [Parameter: String?] = [:], resources: [String] = [], for client: Client? = nil,
        as person: User? = nil, in browser: Browser? = nil
    ) async throws -> AuthorizationAnswer {
        var browser = browser ?? self.browser()
        let decision = try await decide(changes, resources: resources, for: client, from: browser)
        guard case .interact(let id, _) = decision else { return try unwrap(decision.answer) }
        browser = try await signIn(person, in: browser)
        let session = try unwrap(browser.session)
        let step = try await Interactions(environment).choose(session, for: id, from: browser)
        guard case .consent = step else { return try unwrap(step.answer) }
        return try unwrap(try await Interactions(environment).decide(.allow, on: id, from: browser).answer)
    }

    /// The code of a request of a person who signs in and allows everything.
    public func authorize(
        _ changes: [Parameter: String?] = [:], resources: [String] = [], for client: Client? = nil,
        as person: User? = nil, in browser: Browser? = nil
    ) async throws -> String {
        let answer = try await authorization(changes, resources: resources, for: client, as: person, in: browser)
        return try unwrap(answer[.code])
    }

    // MARK: Token requests

    /// What the token endpoint says to a form.
    public func token(
        _ form: [Parameter: String], from client: Client? = nil
    ) async throws -> TokenResponse {
        try await TokenEndpoint(environment).respond(to: FormParameters(form), from: client ?? self.client)
    }

    /// The same, naming resources, of which there may be several.
    public func token(
        _ form: [Parameter: String], for resources: [String], from client: Client? = nil
    ) async throws -> TokenResponse {
        var pairs = form.map { "\($0.key.rawValue)=\(FormParameters.encode($0.value))" }
        pairs += resources.map { "resource=" + FormParameters.encode($0) }
        let decoded = try FormParameters(decoding: Array(pairs.joined(separator: "&").utf8))
        return try await TokenEndpoint(environment).respond(to: decoded, from: client ?? self.client)
    }

    /// Redeems a code.
    public func redeem(
        _ code: String, verifier: String? = TestServer.verifier, redirectURI: String? = nil, from client: Client? = nil
    ) async throws -> TokenResponse {
        var form: [Parameter: String] = [.grantType: "authorization_code", .code: code]
        form[.codeVerifier] = verifier
        form[.redirectURI] = redirectURI
        return try await token(form, from: client)
    }

    /// Uses a refresh token.
    public func refresh(
        _ token: String?, scope: String? = nil, from client: Client? = nil
    ) async throws -> TokenResponse {
        var form: [Parameter: String] = [.grantType: "refresh_token"]
        form[.refreshToken] = token
        form[.scope] = scope
        return try await self.token(form, from: client)
    }

    /// What the UserInfo endpoint says to an access token.
    public func userInfo(_ accessToken: String) async throws -> UserInfoEndpoint.Response {
        let token = try BearerToken(authorization: "Bearer \(accessToken)", form: nil, query: FormParameters())
        return try await UserInfoEndpoint(environment).respond(to: try unwrap(token))
    }
}

extension CodeChallenge {
    /// The challenge of a verifier: RFC 7636 §4.2.
    public static func s256(_ verifier: String) -> CodeChallenge {
        CodeChallenge(SHA256.digest(of: verifier).base64URL)!
    }
}

/// A step of a flow did not lead where the test needs it to.
public struct WrongTurn: Error, Sendable {
    /// A wrong turn.
    public init() {}
}

private func unwrap<Value>(_ value: Value?) throws(WrongTurn) -> Value {
    guard let value else { throw WrongTurn() }
    return value
}
