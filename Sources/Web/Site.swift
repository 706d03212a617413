public import AuthorizationServer
import Federation
public import HTTP
public import Identity
import OAuthTypes
public import Pages

/// Everything that is served: binds the protocol core, people and pages to HTTP, and holds no rule of its own.
public final class Site: Sendable {
    private let router: Router
    private let documents: PublishedDocuments
    private let federation: Federation?
    private let directories: (any PasswordAuthority)?
    /// The paths that programs ask.
    private let machinePaths: Set<String>
    /// Those with names in them, in pieces.
    private let machinePatterns: [[Substring]]
    /// The answers to requests that nobody looks at, because there are too many.
    private let busyMachine: Response
    private let tooLargeMachine: Response
    private let busyPages: [Language: Response]
    private let answers: PageAnswers
    private let calls: AuthAPIRoutes
    /// Nil where clients cannot watch the browser's session.
    private let browserState: BrowserState?

    /// What a site is made of.
    public struct Parts: Sendable {
        /// The core.
        public let environment: ServerEnvironment
        /// Browser sessions.
        public let sessions: Sessions
        /// Signing in.
        public let signIn: LimitedSignIn
        /// What is proven besides a password.
        public let secondFactor: SecondFactor
        /// Takes security events.
        public let audit: AuditTrail
        /// Passkeys; nil where the issuer has no name that they could be bound to.
        public let passkeys: Passkeys?
        /// What is said of passwords that are chosen; nil where nobody chooses one here.
        public let passwords: PasswordMeter?
        /// When a challenge is shown, and which; nil for never.
        public let challenges: ChallengeGate?
        /// What people change about their accounts.
        public let account: AccountParts
        /// Where networks are; nil where nobody says.
        public let places: Places?
        /// Pages.
        public let pages: PageSet
        /// What development mode shows; nil in production.
        public let development: DevelopmentAccess?
        /// What needs mail; nil where none can be sent.
        public let mail: MailParts?
        /// What strangers may register; nil where nobody registers a client over HTTP.
        public let registration: RegistrationPolicy?
        /// Signing in by connectors; nil for never.
        public let federation: FederationParts?
        /// Whether address and password are asked for on one page.
        public let signInOrder: SignInOrder
        /// How often clients failed to prove themselves.
        public let clientFailures: ClientFailures
        /// What may be asked how often beside signing in.
        public let requestRates: RequestRates
        /// Takes what went wrong for the log.
        public let report: FailureReport
        /// Takes why requests were refused for the log; nil where nobody listens.
        public let refusals: RefusalReport?

        /// A site's parts.
        public init(
            environment: ServerEnvironment, sessions: Sessions, signIn: LimitedSignIn, secondFactor: SecondFactor,
            audit: AuditTrail, passkeys: Passkeys? = nil, passwords: PasswordMeter? = nil,
            challenges: ChallengeGate? = nil, account: AccountParts, places: Places? = nil, pages: PageSet,
            development: DevelopmentAccess?, mail: MailParts? = nil,
            registration: RegistrationPolicy? = nil, federation: FederationParts? = nil,
            signInOrder: SignInOrder = .together, clientFailures: ClientFailures = ClientFailures(),
            requestRates: RequestRates = RequestRates(), report: @escaping FailureReport,
            refusals: RefusalReport? = nil
        ) {
            self.environment = environment
            self.sessions = sessions
            self.signIn = signIn
            self.secondFactor = secondFactor
            self.audit = audit
            self.passkeys = passkeys
            self.passwords = passwords
            self.challenges = challenges
            self.account = account
            self.places = places
            self.pages = pages
            self.development = development
            self.mail = mail
            self.registration = registration
            self.federation = federation
            self.signInOrder = signInOrder
            self.clientFailures = clientFailures
            self.requestRates = requestRates
            self.report = report
            self.refusals = refusals
        }
    }

    /// What the page of signing in asks for first.
    public enum SignInOrder: String, Sendable, CaseIterable {
        /// Address and password; the address alone only where a connector is at home in domains.
        case together
        /// The address alone, whoever comes.
        case addressFirst = "address-first"
    }

    /// A site; call `reload` before the first request.
    public init(_ parts: Parts) {
        let documents = PublishedDocuments(parts)
        let answers = PageAnswers(parts)
        let root = parts.environment.issuer.path
        let calls = AuthAPIRoutes(parts)
        var router = Router(fallback: { request, miss in
            await calls.miss(miss, of: request) ?? answers.miss(miss, of: request)
        })
        let forMachines = [
            MetadataRoutes(parts, documents).routes,
            TokenRoutes(parts).routes,
            TokenCareRoutes(parts).routes,
            RegistrationRoutes(parts)?.routes ?? [],
            UserInfoRoutes(parts).routes,
            parts.federation.map { UpstreamRoutes($0, parts).routes } ?? [],
            HealthRoutes(parts).routes,
        ]
        browserState = BrowserState(parts.environment, parts.sessions)
        let forPeople = [
            AuthorizationRoutes(parts, answers).routes,
            InteractionRoutes(parts, answers).routes,
            ClientLogoRoutes(parts).routes,
            SignOutRoutes(parts, answers).routes,
            SessionCheckRoutes(parts)?.routes ?? [],
            LanguageRoutes(parts, answers).routes,
            parts.passwords.map { PasswordRoutes($0, parts).routes } ?? [],
            parts.passkeys.map { PasskeyRoutes($0, parts).routes } ?? [],
            AccountRoutes(parts, answers).routes,
            AccountSignInRoutes(parts, answers).routes,
            parts.federation.map { FederationRoutes($0, parts, answers).routes } ?? [],
            calls.routes,
        ]
        let withMail = parts.mail.map { mail in
            [ResetRoutes(parts, mail, answers).routes, SignUpRoutes(parts, mail, answers).routes]
                + [RecourseRoutes(parts, mail, answers).routes]
                + (mail.inbox.map { [InboxRoutes(parts, $0, answers).routes] } ?? [])
        }
        for route in (forMachines + forPeople + (withMail ?? [])).joined() { router.add(route.below(root)) }
        // RFC 8414 §3: this one alone stands before the issuer's path.
        let metadata = MetadataRoutes(parts, documents).oauthMetadataRoutes(root)
        for route in metadata { router.add(route) }
        // WebAuthn §5.11: this one too, since it speaks for the host.
        for route in parts.passkeys.map({ PasskeyRoutes($0, parts).relatedOriginsRoutes() }) ?? [] { router.add(route) }
        let machines = Set(forMachines.joined().map { $0.below(root).pattern } + metadata.map(\.pattern))
        machinePaths = machines.filter { !$0.contains("/:") }
        machinePatterns = machines.filter { $0.contains("/:") }.sorted().map {
            $0.split(separator: "/", omittingEmptySubsequences: false)
        }
        busyMachine = JSONAnswers(parts).busy
        tooLargeMachine = JSONAnswers(parts).tooLarge
        self.calls = calls
        busyPages = answers.busyPages
        self.answers = answers
        let files = StaticFiles(parts)
        router.mount(root + "/static/") { request in
            files.answer(request.path.dropFirst(root.count + "/static/".count), query: request.query)
                ?? answers.miss(.notFound, of: request)
        }
        if let access = parts.development {
            let inner = router
            for route in PlaygroundRoutes(parts, answers, access, backChannel: { await inner.respond(to: $0) }).routes {
                router.add(route.below(root))
            }
        }
        self.router = router
        self.documents = documents
        federation = parts.federation?.federation
        directories = parts.federation?.directories
    }

    /// Prepares the documents that are the same for everybody; call it again when clients, connectors or keys have
    /// changed.
    public func reload() async throws {
        federation?.forget()
        await directories?.connectorsChanged()
        try await documents.reload()
    }

    /// The patterns of the routes, by their places in the notes of answers.
    public var routePatterns: [String] { router.patterns }

    /// Bytes of content that the route of a path takes, where it says so.
    public func bodyLimit(_ method: Method, _ path: String) -> Int? { router.bodyLimit(method, path) }

    /// Whether a path is one that programs ask, as clients and their libraries do; people's browsers ask the others.
    public func isForMachines(_ path: String) -> Bool {
        machinePaths.contains(path) || machinePatterns.contains { Site.isOne(path, of: $0) }
    }

    /// Whether a path is one of a pattern with names in it, as `/register/:client`.
    private static func isOne(_ path: String, of pattern: [Substring]) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == pattern.count
            && zip(parts, pattern).allSatisfy { part, wanted in
                wanted.hasPrefix(":") ? !part.isEmpty : part == wanted
            }
    }

    /// The answer to a request with more content than its route takes: for programs, for calls or for people.
    public func tooLarge(for request: Request) -> Response {
        guard !isForMachines(request.path) else { return tooLargeMachine }
        return calls.isCall(request) ? calls.tooLarge(request) : answers.tooLarge(for: request)
    }

    /// The answer to a request that nobody looks at, because there are too many: for programs, for calls or for people.
    public func busy(for request: Request) -> Response {
        guard !isForMachines(request.path) else { return busyMachine }
        if calls.isCall(request) { return calls.busy(request) }
        return busyPages[answers.language(for: request)] ?? busyMachine
    }

    /// Answers one request.
    public func respond(to request: Request) async -> Response {
        let response = await router.respond(to: request)
        return await browserState?.follow(response, to: request) ?? response
    }
}

/// Takes an internal failure for the log, with the request it belongs to.
public typealias FailureReport = @Sendable (RequestID, any Error) -> Void

/// The demo client and person that development mode makes and shows.
public struct DevelopmentAccess: Sendable {
    /// `client_id` of the demo client.
    public let clientID: String
    /// Its secret.
    public let clientSecret: String
    /// The demo person's address.
    public let email: String
    /// The demo person's password.
    public let password: String

    /// What to show.
    public init(clientID: String, clientSecret: String, email: String, password: String) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.email = email
        self.password = password
    }
}

extension Route {
    /// The same route below an issuer's path.
    func below(_ root: String) -> Route {
        Route(method, root + pattern, bodyLimit: bodyLimit, respond: respond)
    }
}
