import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import OAuthTypes
import Reactor
import Stores

/// Signing in: password, second factor, the next tokens, signing out.
extension AuthAPIRoutes {
    func login(_ call: Call) async throws -> Response {
        let email = call.content["email"] ?? ""
        let scopes = try await ownSignIn.scopes(call.content["scope"], for: call.client)
        try ownSignIn.requireSigningKey()
        let occasion = occasion(.signIn, call)
        try await requireWork(call, for: occasion, account: email)
        // What the password waits under, should a second factor be due: the scopes that were asked for go along.
        let asked = Array((call.content["scope"] ?? "").utf8)
        let token = environment.newSecret() + "." + Base64URL.encode(asked)
        let place = place(call, token)
        let outcome: SignInCourse.Outcome
        do {
            outcome = try await course.takePassword(
                email: email, password: call.content["password"] ?? "", at: place,
                waiting: { try await secondSteps?.keep($0, typedAs: email, of: $1.id, in: place.browser) })
        } catch let error as WorkerPoolError {
            return refused(error, .busy, call)
        } catch let error as PasswordsUnavailable {
            challenges?.note(occasion, account: email)
            return refused(error, .busy, call)
        }
        switch outcome {
        case .signedIn(let start): return try await signedIn(start, call, scopes)
        case .secondFactorIsDue:
            let ways = try await course.secondFactor.waiting(at: place).map(\.names) ?? []
            return answers.success {
                $0.member("mfaRequired", true)
                $0.member("methods", ways)
                $0.member("sessionToken", token)
                $0.member("expiresIn", SecondFactor.patience.wholeSeconds)
            }
        case .limited(let wait):
            return refused(AuthProblem.tooManyAttempts(wait), .limited, call)
        case .refused, .gone:
            challenges?.note(occasion, account: email)
            return refused(AuthProblem(.wrongCredentials), .refused, call)
        case .proofNeeded, .notAdmitted:
            return refused(AuthProblem(.notAdmitted), .refused, call)
        }
    }

    /// Takes what login has named: a code of the app, or of the mail that is on its way since.
    func verifySecondFactor(_ call: Call) async throws -> Response {
        let ways = try await course.secondFactor.waiting(at: place(call, call.content["sessionToken"] ?? ""))
        return try await proveSecondFactor(call, call.content["code"] ?? "", by: ways?.mail == .on ? .mail : .app)
    }

    func recoveryLogin(_ call: Call) async throws -> Response {
        try await proveSecondFactor(call, call.content["recoveryCode"] ?? "", by: .recoveryCode)
    }

    private func proveSecondFactor(_ call: Call, _ code: String, by way: SecondFactor.Way) async throws -> Response {
        let token = call.content["sessionToken"] ?? ""
        let asked =
            token.split(separator: ".", omittingEmptySubsequences: false).last
            .flatMap { Base64URL.decode(String($0)) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
        // The password waits under the whole token, so one that asks for anything else is none of ours.
        guard let scopes = try await scopes(asked, of: call.client) else { throw AuthProblem(.sessionOver) }
        try ownSignIn.requireSigningKey()
        let place = place(call, token)
        switch try await course.takeSecondFactor(code, by: way, at: place) {
        case .signedIn(let start):
            guard start.identity != nil else { return try await signedIn(start, call, scopes) }
            guard let start = try await secondSteps?.finish(start, at: place) else { throw AuthProblem(.sessionOver) }
            return try await signedIn(start, call, scopes)
        case .limited(let wait): return refused(AuthProblem.tooManyAttempts(wait), .limited, call)
        case .refused: return refused(AuthProblem(.wrongCode), .refused, call)
        case .gone, .secondFactorIsDue, .proofNeeded, .notAdmitted: throw AuthProblem(.sessionOver)
        }
    }

    /// The scopes of a session token; nil where the client may not have them.
    private func scopes(_ asked: String, of client: Client) async throws -> ScopeSet? {
        do {
            return try await ownSignIn.scopes(asked.isEmpty ? nil : asked, for: client)
        } catch let error as OAuthError where error.code == .invalidScope {
            return nil
        }
    }

    func refresh(_ call: Call) async throws -> Response {
        if call.client.ownSignIn == .cookies {
            guard let session = try await entrance.session(call.request, call.client) else {
                throw AuthProblem(.invalidToken)
            }
            guard
                let (secret, renewed) = try await course.sessions.renew(
                    session, adding: [], known: .client(call.client.id))
            else { throw AuthProblem(.invalidToken) }
            return withCookie(secret, renewed, call)
        }
        guard let token = call.content["refreshToken"] else { throw AuthProblem(.invalidRefreshToken) }
        return tokens(try await ownSignIn.refresh(token, for: call.client)).noting(.issued(.refreshToken))
    }

    func logout(_ call: Call, _ person: AuthEntrance.Person) async throws -> Response {
        var response = answers.done
        switch person.proof {
        case .token(let grant, _):
            try await ownSignIn.end(grant)
            // The session with all that hangs on it, whichever client got it.
            _ = try await course.sessions.end(person.sessionID, of: person.user.id)
        case .cookie(let session):
            try await course.sessions.end(session)
            response.setCookie(AppCookie(of: call.client.id, environment.issuer).removal)
        }
        try await audit.note(
            .signOut, of: person.user.id, with: call.client.id, from: call.request.auditOrigin)
        return response
    }

    // MARK: What a sign-in comes to

    /// Hands out what the client is set to get for a session that has begun.
    func signedIn(_ start: SignInCourse.Start, _ call: Call, _ scopes: ScopeSet) async throws -> Response {
        switch call.client.ownSignIn {
        case .cookies:
            guard try await ownSignIn.note(call.client, in: start.session, scopes: scopes) else {
                throw AuthProblem(.wrongCredentials)
            }
            var response = withCookie(start.secret, start.session, call, recoveryCodesLeft: start.recoveryCodesLeft)
            response.setCookie(cookies.known(start.known))
            return response.noting(.signIn(.succeeded))
        case .tokens, .none:
            guard let issued = try await ownSignIn.tokens(for: call.client, in: start.session, scopes: scopes) else {
                // Closed or signed out everywhere while the password was compared.
                throw AuthProblem(.wrongCredentials)
            }
            return tokens(issued, start).noting(.signIn(.succeeded))
        }
    }

    private func tokens(_ issued: TokenResponse, _ start: SignInCourse.Start? = nil) -> Response {
        answers.success {
            $0.member("mfaRequired", false)
            $0.member("accessToken", issued.accessToken)
            $0.member("tokenType", "Bearer")
            $0.member("expiresIn", issued.expiresIn)
            $0.member("refreshToken", issued.refreshToken)
            $0.member("idToken", issued.idToken)
            $0.member("scope", issued.scope.isEmpty ? nil : issued.scope.description)
            $0.member("recoveryCodesLeft", start?.recoveryCodesLeft)
            $0.member("deviceMark", start?.known)
        }
    }

    private func withCookie(
        _ secret: String, _ session: Session, _ call: Call, recoveryCodesLeft: Int? = nil
    ) -> Response {
        var response = answers.success {
            $0.member("mfaRequired", false)
            $0.member("expiresIn", course.sessions.timeLeft(of: session).wholeSeconds)
            $0.member("recoveryCodesLeft", recoveryCodesLeft)
        }
        response.setCookie(AppCookie(of: call.client.id, environment.issuer).cookie(secret))
        return response
    }

    private func refused(_ problem: any Error, _ outcome: RequestOutcome.SignIn, _ call: Call) -> Response {
        answers.refusal(problem, for: call.request).noting(.signIn(outcome))
    }

    // MARK: Where it comes from

    /// Where somebody signs in; `token` is what a password waits under.
    func place(_ call: Call, _ token: String) -> SignInPlace {
        let client = call.client
        return SignInPlace(
            purpose: TokenDigest(of: "client \(client.id.rawValue) \(token)"),
            browser: TokenDigest(of: "client \(client.id.rawValue)"),
            origin: origin(of: call), traits: entrance.traits(of: call.request),
            audience: .client(client.id), client: client.id, audit: call.request.auditOrigin,
            session: client.ownSignIn == .cookies
                ? AppCookie(of: client.id, environment.issuer).read(call.request) : nil,
            device: nil, language: language(call))
    }

    /// What the limits see: a known browser by its cookie, a known device of an app by what it kept.
    func origin(of call: Call) -> SignInOrigin {
        guard call.client.ownSignIn == .tokens else { return cookies.origin(of: call.request) }
        return SignInOrigin(address: call.request.peer.bytes, mark: call.content["deviceMark"])
    }

    func occasion(_ purpose: ChallengeOccasion.Purpose, _ call: Call) -> ChallengeOccasion {
        call.request.occasion(purpose, subject: "call", browser: "client \(call.client.id.rawValue)")
    }

    /// Asks for a proof of work where the pages would show a challenge; one that was right is spent.
    func requireWork(_ call: Call, for occasion: ChallengeOccasion, account: String) async throws {
        guard let challenges, challenges.isWanted(for: occasion, account: account) else { return }
        let given = call.content["challenge", "token"]
        let answer = ChallengeAnswer { name in
            switch name {
            case "challenge": given
            case "challenge-solution": call.content["challenge", "solution"]
            default: nil
            }
        }
        if given != nil, await challenges.verify(answer, for: occasion) == .passed { return }
        var problem = AuthProblem(given == nil ? .challengeRequired : .challengeFailed)
        problem.challenge = challenges.puzzle(for: occasion)
        throw problem
    }
}

extension SecondFactor.Ways {
    /// What the document calls them; a recovery code is one of them always.
    fileprivate var names: [String] {
        var names = app ? ["app"] : []
        if passkey { names.append("passkey") }
        if mail == .on { names.append("mail") }
        return names + ["recoveryCode"]
    }
}
