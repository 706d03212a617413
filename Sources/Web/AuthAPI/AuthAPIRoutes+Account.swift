import AuthorizationServer
import HTTP
import Identity
import JSON
import OAuthTypes
import Stores

/// What a person looks after: second factor and name.
extension AuthAPIRoutes {
    /// Asks for the password besides: an access token is shown to other servers too, and whoever switches a second factor
    /// on locks the owner out.
    func beginSecondFactor(_ call: Call, _ person: AuthEntrance.Person) async throws -> Response {
        let (user, password) = (person.user, call.content["password"] ?? "")
        let outcome = try await course.signIn.authenticate(
            email: user.email.rawValue, password: password, from: origin(of: call), asking: course.directories,
            isEnough: { try await !course.secondFactor.isOn(for: $0.id) },
            isEnoughThere: { _ in try await !course.secondFactor.isOn(for: user.id) })
        var isProven = false
        if case .proven(let person) = outcome {
            isProven = try await links.isLinked(person.connector, person.subject, to: user)
        }
        switch outcome {
        case .signedIn(let found) where found.id == user.id: break
        case .proven where isProven: break
        case .signedIn, .proven, .refused:
            audit.noteLater(
                .authenticatorAdded, .refused, of: user.id, by: .person(user.id), with: call.client.id,
                from: call.request.auditOrigin)
            throw AuthProblem(.wrongCredentials)
        case .limited(let wait):
            audit.noteLater(
                .authenticatorAdded, .limited, of: user.id, by: .person(user.id), with: call.client.id,
                from: call.request.auditOrigin)
            throw AuthProblem.tooManyAttempts(wait)
        }
        let authenticators = course.secondFactor.authenticators
        guard try await authenticators.propose(for: person.user.id),
            let key = try await authenticators.proposal(for: person.user)
        else { throw AuthProblem(.secondFactorIsOn) }
        return answers.success {
            $0.member("secret", key.groups.joined())
            $0.member("otpauthUri", key.uri)
            $0.member("expiresIn", Authenticators.proposalLifetime.wholeSeconds)
        }
    }

    func completeSecondFactor(_ call: Call, _ person: AuthEntrance.Person) async throws -> Response {
        let (secondFactor, user) = (course.secondFactor, person.user)
        guard try await secondFactor.authenticators.proposal(for: user) != nil else {
            throw AuthProblem(.setUpNotBegun)
        }
        let codes = try await secondFactor.turnOn(call.content["code"] ?? "", for: user.id) {
            try await audit.note(
                .authenticatorAdded, of: user.id, with: call.client.id, from: call.request.auditOrigin)
            try await account.notices.tell(.authenticatorAdded, user, language: language(call))
        }
        guard let codes else {
            audit.noteLater(
                .authenticatorAdded, .refused, of: user.id, by: .person(user.id), with: call.client.id,
                from: call.request.auditOrigin)
            throw AuthProblem(.wrongCode)
        }
        let response = answers.success { $0.member("recoveryCodes", codes.map(\.text)) }
        return try await renewing(person, call, adding: [.oneTimePassword, .multipleFactors], response)
    }

    /// Asks for a code besides, for the same reason.
    func disableSecondFactor(_ call: Call, _ person: AuthEntrance.Person) async throws -> Response {
        let (secondFactor, user) = (course.secondFactor, person.user)
        // Where no app is on there is nothing to switch off, and no code is spent on it.
        guard try await secondFactor.authenticators.isOn(for: user.id) else { throw AuthProblem(.secondFactorIsOff) }
        let code = call.content["code"] ?? ""
        var isRecovery = false
        let outcome = try await course.signIn.prove(user, from: origin(of: call)) {
            if try await secondFactor.accept(code, by: .app, for: user.id) { return true }
            isRecovery = try await secondFactor.accept(code, by: .recoveryCode, for: user.id)
            return isRecovery
        }
        switch outcome {
        case .refused, .proven:
            audit.noteLater(
                .secondFactor, .refused, of: user.id, by: .person(user.id), with: call.client.id,
                from: call.request.auditOrigin)
            throw AuthProblem(.wrongCode)
        case .limited(let wait):
            audit.noteLater(
                .secondFactor, .limited, of: user.id, by: .person(user.id), with: call.client.id,
                from: call.request.auditOrigin)
            throw AuthProblem.tooManyAttempts(wait)
        case .signedIn: break
        }
        if isRecovery {
            try await audit.note(
                .recoveryCodeUsed, of: user.id, with: call.client.id, from: call.request.auditOrigin)
            let left = try await secondFactor.recoveryCodes.left(for: user.id)
            try await account.notices.tell(.recoveryCodeUsed(left: left), user)
        }
        let isOff = try await secondFactor.turnOff(for: user.id) {
            try await audit.note(
                .authenticatorRemoved, of: user.id, with: call.client.id, from: call.request.auditOrigin)
            try await account.notices.tell(.authenticatorRemoved, user, language: language(call))
        }
        guard isOff else { throw AuthProblem(.secondFactorIsOff) }
        return try await renewing(person, call, adding: [], answers.done)
    }

    func readProfile(_ call: Call, _ person: AuthEntrance.Person) async throws -> Response {
        try await shown(person.user, to: person)
    }

    func updateProfile(_ call: Call, _ person: AuthEntrance.Person) async throws -> Response {
        guard person.may(.profile) else { throw AuthProblem(.insufficientScope) }
        try await countChange(of: person.user.id)
        switch try await profile.rename(person.user.id, to: call.content["name"] ?? "") {
        case .changed(let user):
            try await environment.storage.profiles.note(
                edits: [.name: user.name], of: user.id, at: environment.clock.now)
            try await audit.note(
                .profileChanged, of: user.id, with: call.client.id, from: call.request.auditOrigin)
            return try await shown(user, to: person)
        case .unfitName: throw AuthProblem(.unfit, at: ["/name"])
        case .gone: throw AuthProblem(.invalidToken)
        }
    }

    /// What the token's scopes allow, as at the UserInfo endpoint: a token may be held by another server.
    private func shown(_ user: User, to person: AuthEntrance.Person) async throws -> Response {
        let secondFactor = course.secondFactor
        let seesFactors = person.may(.openid)
        let isOn = seesFactors ? try await secondFactor.isOn(for: user.id) : false
        let left = isOn ? try await secondFactor.recoveryCodes.left(for: user.id) : nil
        let end = seesFactors ? try await account.deletion.moment(for: user.id) : nil
        return answers.success {
            $0.member("id", user.id.rawValue)
            if person.may(.email) {
                $0.member("email", user.email.rawValue)
                $0.member("emailVerified", user.isEmailVerified)
            }
            if seesFactors {
                $0.member("secondFactor", isOn)
                $0.member("recoveryCodesLeft", left)
                $0.member("leavesAt", end?.internetDate)
            }
            if person.may(.profile) {
                $0.member("name", user.name)
                $0.member("createdAt", user.createdAt.internetDate)
                $0.member("updatedAt", user.updatedAt.internetDate)
            }
        }
    }

    /// Puts a session with a cookie under a new secret: it may do more, or less, from now on (ASVS 7.2.4).
    private func renewing(
        _ person: AuthEntrance.Person, _ call: Call, adding methods: [AuthenticationMethod], _ response: Response
    ) async throws -> Response {
        guard case .cookie(let session) = person.proof else { return response }
        // Whoever was signed out in the meantime stays so.
        guard
            let (secret, _) = try await course.sessions.renew(
                session, adding: methods, known: .client(call.client.id))
        else { throw AuthProblem(.invalidToken) }
        var response = response
        response.setCookie(AppCookie(of: call.client.id, environment.issuer).cookie(secret))
        return response
    }
}
