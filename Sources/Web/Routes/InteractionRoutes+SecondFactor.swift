import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// The second factor of an authorization request: asked for once the password was right, before any session.
extension InteractionRoutes {
    static let secondFactorStep = "/second-factor"

    func takeSecondFactor(
        _ form: FormParameters, _ request: Request, _ visitor: Visitor, _ id: String
    ) async throws -> Response {
        let pending: PendingRequest
        switch try await interactions.pending(id, from: visitor.browser) {
        case .over(let end): return over(end, request)
        case .open(let open): pending = open
        }
        switch try await forms.takeSecondFactor(
            form, visitor, at: SignInPurpose(id, visitor).digest, in: language(pending, request),
            for: pending.client.id)
        {
        case .gone:
            return answers.redirect(to: InteractionRoutes.path(id, "/sign-in"))
        case .sentAgain:
            return try await secondFactorPage(pending, visitor, request, false, nil, isSentAgain: true, status: .ok)
        case .refused(let refusal):
            let page = try await secondFactorPage(
                pending, visitor, request, form[Parameter("way")] == SecondFactor.Way.recoveryCode.rawValue,
                refusal.problem, status: refusal.status)
            return refusal.mark(page)
        case .signedIn(let start):
            return try await goOn(start, pending, request, visitor)
        }
    }

    /// After the last factor: the next step of the request; or first how many recovery codes are left.
    func goOn(
        _ start: SignInForms.Start, _ pending: PendingRequest, _ request: Request, _ visitor: Visitor
    ) async throws -> Response {
        let browser = Browser(secret: visitor.browser.secret, session: start.session)
        var response: Response
        if let moment = start.leavesAt {
            if let end = try await interactions.note(start.session, for: pending.id, from: browser) {
                response = over(end, request)
            } else {
                let page = forms.leavingPage(
                    start, at: moment, pending.id, continuing: InteractionRoutes.path(pending.id), visitor,
                    environment)
                response = answers.page(
                    page, formTarget: .client(pending.redirectURI.registered), for: request)
            }
        } else if let left = start.recoveryCodesLeft {
            if let end = try await interactions.note(start.session, for: pending.id, from: browser) {
                response = over(end, request)
            } else {
                let root = environment.issuer.path
                let page = RecoveryCodeUsedPage(
                    left: left, continueURL: root + InteractionRoutes.path(pending.id),
                    securityURL: root + AccountPlace.security.path)
                response = speaking(pending).page(page, for: request)
            }
        } else {
            let step = try await interactions.choose(start.session, for: pending.id, from: browser)
            response = try await follow(step, pending.id, request, visitor)
        }
        response = forms.mark(response, with: start)
        response.notes.client = pending.client.id.rawValue
        return response
    }

    func showSecondFactor(_ request: Request, _ visitor: Visitor, _ id: String) async throws -> Response {
        switch try await interactions.pending(id, from: visitor.browser) {
        case .over(let end): over(end, request)
        case .open(let pending):
            try await secondFactorPage(
                pending, visitor, request, request.asksForRecoveryCode, nil, status: .ok)
        }
    }

    private func secondFactorPage(
        _ pending: PendingRequest, _ visitor: Visitor, _ request: Request, _ isRecovery: Bool,
        _ problem: SecondFactorPage.Problem?, isSentAgain: Bool = false, status: Status
    ) async throws -> Response {
        let place = SignInPurpose(pending.id, visitor)
        guard let waiting = try await forms.secondFactor.waiting(at: place.digest, in: visitor.browserDigest) else {
            return answers.redirect(to: InteractionRoutes.path(pending.id, "/sign-in"))
        }
        let path = environment.issuer.path + InteractionRoutes.path(pending.id, InteractionRoutes.secondFactorStep)
        let ways = try await forms.ways(of: waiting, at: place, visitor, environment)
        let page = SecondFactorPage(
            clientName: pending.client.name(in: language(pending, request)),
            accountEmail: waiting.user.email.rawValue,
            way: ways.way(isRecovery: isRecovery && !ways.ways.isForFreshness),
            problem: problem,
            mayRemember: !ways.ways.isForFreshness,
            otherWayURL: ways.ways.isForFreshness ? nil : isRecovery ? path : path + "?with=recovery",
            restartURL: environment.issuer.path + InteractionRoutes.path(pending.id, "/sign-in"),
            alternative: ways.alternative,
            isSentAgain: isSentAgain,
            isForFreshness: ways.ways.isForFreshness,
            passkey: isRecovery ? nil : ways.passkey,
            csrf: environment.formTokens.token(
                for: secondFactorPurpose(pending.id, visitor), browser: visitor.browser.secret ?? ""),
            action: path
        )
        return speaking(pending).page(
            page, status: status, formTarget: .client(pending.redirectURI.registered), for: request)
    }

    func secondFactorPurpose(_ id: String, _ visitor: Visitor) -> String { "second factor " + id }
}
