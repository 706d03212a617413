import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// Who calls: the client, and the person who is signed in to it.
///
/// A request with a cookie is taken from pages of the client alone: it says whose it is in a header that no other page can
/// send, and a browser names the page.
struct AuthEntrance: Sendable {
    static let clientHeader = "Martlet-Client"

    let environment: ServerEnvironment
    let sessions: Sessions
    let ownSignIn: OwnSignIn
    private let authentication: LimitedClientAuthentication

    init(_ parts: Site.Parts) {
        environment = parts.environment
        sessions = parts.sessions
        ownSignIn = OwnSignIn(parts.environment)
        authentication = LimitedClientAuthentication(parts)
    }

    /// A person who is signed in.
    struct Person: Sendable {
        let client: Client
        let user: User
        let sessionID: SessionID
        let provenAt: Timestamp
        let methods: [AuthenticationMethod]
        let proof: Proof

        enum Proof: Sendable {
            case token(Grant, ScopeSet)
            case cookie(Session)
        }

        /// Whether what proves them reaches that far: a token as far as its scopes, the cookie of the client's own pages
        /// everywhere.
        func may(_ scope: Scope) -> Bool {
            switch proof {
            case .token(_, let scopes): scopes.contains(scope)
            case .cookie: true
            }
        }
    }

    /// The client, authenticated as at the token endpoint.
    func client(_ request: Request) async throws -> Client {
        let named = try AuthEntrance.single(AuthEntrance.clientHeader, in: request, or: .invalidClient)
        let form = FormParameters(named.map { [.clientID: $0] } ?? [:])
        let credentials = try ClientCredentials(authorization: try request.authorization(), form: form)
        do {
            let client = try await authentication.authenticate(credentials, request)
            try admit(client, request)
            return client
        } catch let refusal as LimitedClientAuthentication.TooMany {
            throw AuthProblem.tooManyAttempts(refusal.wait)
        }
    }

    /// The person, by an access token or by the cookie of a client.
    func person(_ request: Request) async throws -> Person {
        if try request.authorization() != nil { return try await holder(request) }
        let client = try await client(request)
        guard client.ownSignIn == .cookies, let session = try await session(request, client),
            let user = try await environment.storage.users.find(session.userID), user.disabledAt == nil
        else { throw AuthProblem(.invalidToken) }
        return Person(
            client: client, user: user, sessionID: session.id, provenAt: session.authenticatedAt,
            methods: session.methods, proof: .cookie(session))
    }

    /// The session of the client's cookie.
    func session(_ request: Request, _ client: Client) async throws -> Session? {
        guard let secret = AppCookie(of: client.id, environment.issuer).read(request) else { return nil }
        return try await sessions.find(secret, seen: traits(of: request), by: .client(client.id))
    }

    /// What a session keeps of where a request came from.
    func traits(of request: Request) -> BrowserTraits {
        BrowserTraits(userAgent: request.headers["User-Agent"], address: request.peer.bytes)
    }

    private func holder(_ request: Request) async throws -> Person {
        guard
            let token = try BearerToken(
                authorization: try request.authorization(), form: nil, query: try request.queryParameters())
        else { throw AuthProblem(.invalidToken) }
        let holder = try await ownSignIn.holder(of: token)
        let named = try AuthEntrance.single(AuthEntrance.clientHeader, in: request, or: .invalidClient)
        guard named.map({ $0.utf8.elementsEqual(holder.client.id.rawValue.utf8) }) ?? true else {
            throw AuthProblem(.invalidToken)
        }
        try admit(holder.client, request)
        return Person(
            client: holder.client, user: holder.user, sessionID: holder.grant.sessionID,
            provenAt: holder.grant.authenticatedAt, methods: holder.grant.methods,
            proof: .token(holder.grant, holder.scopes))
    }

    private func admit(_ client: Client, _ request: Request) throws {
        guard client.mayOwnSignIn else { throw AuthProblem(.clientNotAllowed) }
        if let origin = try AuthEntrance.single("Origin", in: request, or: .originNotAllowed) {
            guard client.hasPages(at: origin) else { throw AuthProblem(.originNotAllowed) }
        } else if client.ownSignIn == .cookies, request.method != .get, request.method != .head {
            // Browsers name the origin of every request that may change something.
            throw AuthProblem(.originNotAllowed)
        }
    }

    /// A field that may come once: with two, something before us may have looked at the other one.
    static func single(_ name: String, in request: Request, or problem: AuthProblem.Code) throws -> String? {
        guard request.headers.count(of: name) < 2 else { throw AuthProblem(problem) }
        return request.headers[name]
    }
}
