import AuthorizationServer
import HTTP
import Identity
import JSON
import OAuthTypes
import Pages
import Stores

/// The calls by which clients of the operator's own sign people in themselves; one route for each of `AuthOperation`.
///
/// While no client is marked for it, none of the addresses is there.
struct AuthAPIRoutes: Sendable {
    let answers: AuthAnswers
    let entrance: AuthEntrance
    let environment: ServerEnvironment
    let ownSignIn: OwnSignIn
    let course: SignInCourse
    let cookies: BrowserCookies
    let challenges: ChallengeGate?
    let mail: Site.MailParts?
    let passwords: PasswordMeter?
    let profile: Profile
    let audit: AuditTrail
    let account: Site.AccountParts
    let links: LinkedAccounts
    /// Nil where there are no connectors.
    let secondSteps: SecondSteps?
    private let document: AuthDocument
    private let pages: PageAnswers

    init(_ parts: Site.Parts) {
        answers = AuthAnswers(parts)
        entrance = AuthEntrance(parts)
        environment = parts.environment
        ownSignIn = OwnSignIn(parts.environment)
        course = SignInCourse(parts)
        cookies = BrowserCookies(parts.environment.issuer)
        challenges = parts.challenges
        mail = parts.mail
        passwords = parts.passwords
        profile = Profile(parts.environment.storage.users, clock: parts.environment.clock)
        audit = parts.audit
        account = parts.account
        links = LinkedAccounts(parts)
        secondSteps = SecondSteps(parts)
        document = AuthDocument(issuer: parts.environment.issuer)
        pages = PageAnswers(parts)
    }

    var routes: [Route] {
        let calls = AuthOperation.allCases.map { operation in
            Route(operation.method, AuthOperation.root + operation.path, bodyLimit: operation.contentLimit) { request in
                await answer(request) { request in try await respond(to: request, operation) }
            }
        }
        var paths: [String] = []
        for operation in AuthOperation.allCases where !paths.contains(operation.path) { paths.append(operation.path) }
        return calls
            + paths.map { path in
                let methods = AuthOperation.allCases.filter { $0.path == path }.map(\.method)
                return Route(.options, AuthOperation.root + path) { request in
                    await answer(request) { _ in answers.preflight(methods) }
                }
            }
    }

    /// Whether an address is below the root of the calls.
    func isCall(_ request: Request) -> Bool {
        let root = environment.issuer.path + AuthOperation.root
        return request.path == root || request.path.hasPrefix(root + "/")
    }

    /// The answer to a call that nobody looks at, because there are too many.
    func busy(_ request: Request) -> Response {
        var response = answers.refusal(AuthProblem(.busy), for: request)
        response.headers.set("Retry-After", Failure.retryAfter)
        response.notes.isRefusedForLoad = true
        return response
    }

    /// The answer to a call with more content than it takes.
    func tooLarge(_ request: Request) -> Response { answers.refusal(AuthProblem(.tooLarge), for: request) }

    /// The answer to a request that no route takes; nil where the address is not below the root.
    func miss(_ miss: RouteMiss, of request: Request) async -> Response? {
        guard isCall(request) else { return nil }
        return await answer(request) { _ in
            throw AuthProblem(miss == .notFound ? .notFound : .methodNotAllowed)
        }
    }

    /// What every answer goes through; pages of other origins learn nothing, not even from a refusal.
    private func answer(
        _ request: Request, _ body: (Request) async throws -> Response
    ) async -> Response {
        do {
            guard let origins = try await environment.clients.ownSignIn() else { throw AuthProblem(.notFound) }
            let origin = try? AuthEntrance.single("Origin", in: request, or: .originNotAllowed)
            let response: Response
            do {
                if request.method == .options, !(origin.map(origins.contains) ?? false) {
                    throw AuthProblem(.originNotAllowed)
                }
                response = try await body(request)
            } catch {
                response = answers.refusal(error, for: request)
            }
            return answers.readable(response, at: origin, origins)
        } catch {
            return answers.refusal(error, for: request)
        }
    }

    /// Who answers a call, and to whom.
    private enum Responder {
        case anybody(() -> Response)
        case client((Call) async throws -> Response)
        case person((Call, AuthEntrance.Person) async throws -> Response)
    }

    private func responder(of operation: AuthOperation) -> Responder {
        switch operation {
        case .register: .client(register)
        case .resendVerification: .client(resendVerification)
        case .verifyEmail: .client(verifyEmail)
        case .login: .client(login)
        case .verifySecondFactor: .client(verifySecondFactor)
        case .recoveryLogin: .client(recoveryLogin)
        case .refresh: .client(refresh)
        case .logout: .person(logout)
        case .beginSecondFactor: .person(beginSecondFactor)
        case .completeSecondFactor: .person(completeSecondFactor)
        case .disableSecondFactor: .person(disableSecondFactor)
        case .forgotPassword: .client(forgotPassword)
        case .resetPassword: .client(resetPassword)
        case .readProfile: .person(readProfile)
        case .updateProfile: .person(updateProfile)
        case .readDocument: .anybody { answers.document(document) }
        }
    }

    /// The tag of the language of mails that come of a call: `Accept-Language`, as for pages.
    func language(_ call: Call) -> String { pages.language(for: call.request).tag }

    /// What a client asks.
    struct Call: Sendable {
        let client: Client
        let content: AuthContent
        let request: Request
    }

    private func respond(to request: Request, _ operation: AuthOperation) async throws -> Response {
        switch responder(of: operation) {
        case .anybody(let respond): return respond()
        case .client(let respond):
            let client: Client
            do {
                client = try await entrance.client(request)
            } catch let error as OAuthError where error.code == .invalidClient {
                audit.noteLater(.clientRefused, .refused, from: request.auditOrigin)
                throw error
            }
            return await noting(client, request) {
                try await respond(Call(client: client, content: AuthContent(request, for: operation), request: request))
            }
        case .person(let respond):
            let person = try await entrance.person(request)
            return await noting(person.client, request) {
                let content = try AuthContent(request, for: operation)
                if operation.access == .freshPerson {
                    let isFresh = try await course.secondFactor.isFresh(
                        person.user.id, provenAt: person.provenAt, by: person.methods)
                    guard isFresh else { throw AuthProblem(.freshSignInNeeded) }
                    // As on the account's own pages: what it is recovered by stays while it is frozen.
                    guard try await account.deletion.freeze(of: person.user.id) == nil else {
                        throw AuthProblem(.accountFrozen)
                    }
                    try await countChange(of: person.user.id)
                }
                return try await respond(Call(client: person.client, content: content, request: request), person)
            }
        }
    }

    /// Counts a change of an account, as its own pages do.
    func countChange(of user: UserID) async throws {
        if let wait = try await account.notices.wait(beforeChanging: user) { throw AuthProblem.tooManyAttempts(wait) }
    }

    /// What was used before is in two hands, and what it had issued is revoked.
    private func note(_ refusal: OAuthError, _ client: Client, _ request: Request) async throws {
        guard let grant = refusal.revokedGrant else { return }
        // Who loses by it is told where the grant can still be read.
        let person = try? await environment.storage.grants
            .find(GrantID(rawValue: grant), at: environment.clock.now)?.userID
        try await audit.note(
            .refreshReplayed, .refused, of: person, by: .stranger, with: client.id, from: request.auditOrigin)
    }

    /// Tells the log whose call it was, refused or not.
    private func noting(
        _ client: Client, _ request: Request, _ body: () async throws -> Response
    ) async -> Response {
        var response: Response
        do {
            response = try await body()
        } catch {
            var reason = error
            do {
                if let refusal = error as? OAuthError { try await note(refusal, client, request) }
            } catch {
                reason = error
            }
            response = answers.refusal(reason, for: request)
        }
        response.notes.client = client.id.rawValue
        return response
    }
}
