import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Reactor
import Stores

/// What people change about their own accounts: name, password, address, and whether there is one.
extension AccountRoutes {
    private static let emailPath = AccountPlace.email.path + "/:id"

    var changeRoutes: [Route] {
        let always = [
            form(AccountPlace.root + "/name", .overview) { try await rename($1, $0, $2) },
            form(AccountPlace.stay, .overview) { try await stay($1, $0, $2) },
            page(AccountPlace.password.path, .password) { owner, request in
                try await showPassword(owner, request, nil)
            },
            change(AccountPlace.password.path, .password) { try await changePassword($1, $0, $2) },
            page(AccountPlace.passwordRemoval.path, .passwordRemoval) { owner, request in
                guard try await account.passwords.isDispensable(for: owner.user) else {
                    return answers.redirect(to: AccountPlace.security.path)
                }
                let page = RemovePasswordPage(frame: frame(owner, .passwordRemoval), csrf: token(owner))
                return answers.page(page, for: request)
            },
            change(AccountPlace.passwordRemoval.path, .passwordRemoval) { owner, _, request in
                try await removePassword(owner, request)
            },
            page(AccountPlace.deletion.path, .deletion) { owner, request in
                let days = Int(clamping: account.deletion.grace.wholeSeconds / 86_400)
                let page = DeleteAccountPage(frame: frame(owner, .deletion), days: days, csrf: token(owner))
                return answers.page(page, for: request)
            },
            change(AccountPlace.deletion.path, .deletion) { owner, _, request in try await delete(owner, request) },
        ]
        guard let mail else { return always }
        return always + [
            page(AccountPlace.email.path, .email) { owner, request in showEmail(owner, request) },
            change(AccountPlace.email.path, .email) { try await changeEmail($1, $0, $2, mail) },
            page(AccountRoutes.emailPath, .email) { owner, request in
                try await showCode(owner, request, mail, nil)
            },
            change(AccountRoutes.emailPath, .email) { try await takeCode($1, $0, $2, mail) },
            change(AccountRoutes.emailPath + "/mail", .email) { owner, _, request in
                let again = try await mail.emailChange.resend(
                    request.parameter("id") ?? "", for: owner.user.id, from: cookies.origin(of: request),
                    language: language(request))
                return try await showCode(
                    owner, request, mail, SignUpCodePage.Remark(again),
                    status: again == .sent ? .ok : .tooManyRequests
                ).retrying(after: again.seconds)
            },
        ]
    }

    // MARK: The name, and whether the account stays

    func showOverview(
        _ owner: Owner, _ request: Request, refusedName: String? = nil, status: Status = .ok
    ) async throws -> Response {
        let moment = try await account.deletion.moment(for: owner.user.id)
        let page = AccountPage(
            frame: frame(owner, .overview), name: owner.user.name, refusedName: refusedName,
            deletedAt: moment.map { ShownMoment(seconds: $0.seconds) }, csrf: token(owner))
        return answers.page(page, status: status, for: request)
    }

    private func rename(_ form: FormParameters, _ owner: Owner, _ request: Request) async throws -> Response {
        if let wait = try await account.notices.wait(beforeChanging: owner.user.id) {
            return answers.tooMany(wait, for: request)
        }
        let name = form[Parameter("name")] ?? ""
        guard try await account.accounts.rename(owner.user.id, to: name) else {
            return try await showOverview(owner, request, refusedName: name, status: .unprocessableContent)
        }
        try await environment.storage.profiles.note(
            edits: [.name: name], of: owner.user.id, at: environment.clock.now)
        try await audit.note(.profileChanged, of: owner.user.id, from: request.auditOrigin)
        return answers.redirect(to: AccountPlace.overview.path)
    }

    private func stay(_ form: FormParameters, _ owner: Owner, _ request: Request) async throws -> Response {
        if try await account.deletion.keep(owner.user.id) {
            try await audit.note(.deletionUndone, of: owner.user.id, from: request.auditOrigin)
        }
        // An identifier of ours, and nothing that leads elsewhere.
        let id = form[Parameter("interaction")] ?? ""
        let isOurs =
            !id.isEmpty
            && id.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x5F
            }
        return answers.redirect(to: isOurs ? InteractionRoutes.path(id) : AccountPlace.overview.path)
    }

    private func delete(_ owner: Owner, _ request: Request) async throws -> Response {
        guard let moment = try await account.deletion.ask(for: owner.user, language: language(request)) else {
            return answers.redirect(to: AccountPlace.overview.path)
        }
        try await audit.note(.deletionAsked, of: owner.user.id, from: request.auditOrigin)
        let page = AccountDonePage(
            deed: .leaving, email: owner.user.email.rawValue, moment: ShownMoment(seconds: moment.seconds))
        var response = answers.page(page, for: request)
        response.setCookie(cookies.noSession)
        return response
    }

    // MARK: The password

    private func showPassword(
        _ owner: Owner, _ request: Request, _ problem: ChangePasswordPage.Problem?, refused: String? = nil,
        status: Status = .ok
    ) async throws -> Response {
        // The page of security says by whom it is kept.
        guard try await account.passwords.keeper(of: owner.user) == nil else {
            return answers.redirect(to: AccountPlace.security.path)
        }
        let chooser = try await PasswordOwner(of: owner.user, in: environment.storage)
        let page = ChangePasswordPage(
            frame: frame(owner, .password), hasPassword: owner.user.passwordHash != nil, problem: problem,
            csrf: token(owner),
            advice: passwords?.advice(chooser, environment, browser: owner.browserSecret, refused: refused))
        return answers.page(page, status: status, for: request)
    }

    private func changePassword(
        _ form: FormParameters, _ owner: Owner, _ request: Request
    ) async throws -> Response {
        let chosen = form[Parameter("password")] ?? ""
        let outcome: PasswordChange.Outcome
        do {
            outcome = try await account.passwords.change(
                for: owner.user, current: form[Parameter("current")] ?? "", to: chosen,
                from: cookies.origin(of: request), language: language(request))
        } catch is WorkerPoolError {
            var response = try await showPassword(owner, request, .busy, status: .serviceUnavailable)
            response.headers.set("Retry-After", Failure.retryAfter)
            return response
        }
        switch outcome {
        case .wrongPassword:
            audit.noteLater(
                .passwordChanged, .refused, of: owner.user.id, by: .person(owner.user.id), from: request.auditOrigin)
            return try await showPassword(owner, request, .wrongPassword, status: .forbidden)
        case .limited(let wait):
            audit.noteLater(
                .passwordChanged, .limited, of: owner.user.id, by: .person(owner.user.id), from: request.auditOrigin)
            let seconds = Failure.seconds(wait)
            var response = try await showPassword(
                owner, request, .tooMany(seconds: seconds), status: .tooManyRequests)
            response.headers.set("Retry-After", "\(seconds)")
            return response
        case .unfitPassword:
            return try await showPassword(
                owner, request, .unfitPassword, refused: chosen, status: .unprocessableContent)
        case .refused, .keptElsewhere:
            return answers.redirect(to: AccountPlace.security.path)
        case .changed(let moment):
            try await audit.note(.passwordChanged, of: owner.user.id, from: request.auditOrigin)
            // Every session has ended, also this one: whoever has just proven the password goes on in a new one.
            // It was the password that was proven, and nothing besides.
            let methods = owner.user.passwordHash == nil ? owner.session.methods : [.password]
            let (secret, session) = try await sessions.start(
                for: owner.user.id, by: methods, provenAt: moment, replacing: nil, on: owner.traits,
                isStaying: owner.session.isRemembered)
            let page = AccountDonePage(
                deed: .passwordReplaced, email: owner.user.email.rawValue,
                continueURL: environment.issuer.path + AccountPlace.security.path)
            var response = answers.page(page, for: request)
            response.setCookie(cookies.session(secret, for: sessions.cookieLifetime(of: session)))
            // Every other browser is a new one from now on.
            response.setCookie(try await known(owner.user, request))
            return response
        }
    }

    /// What the browser keeps, in which its owner has changed what it is known by.
    private func known(_ user: User, _ request: Request) async throws -> SetCookie {
        let ended = try await environment.storage.users.signedOutAt(user.id)
        return cookies.known(signIn.mark(for: user, from: cookies.origin(of: request), since: ended))
    }

    private func removePassword(_ owner: Owner, _ request: Request) async throws -> Response {
        guard try await account.passwords.remove(of: owner.user, language: language(request)) else {
            return answers.redirect(to: AccountPlace.security.path)
        }
        try await audit.note(.passwordRemoved, of: owner.user.id, from: request.auditOrigin)
        let page = AccountDonePage(
            deed: .passwordRemoved, email: owner.user.email.rawValue,
            continueURL: environment.issuer.path + AccountPlace.security.path)
        return try await renewing(owner, adding: [], answers.page(page, for: request))
    }

    // MARK: The address

    private func showEmail(
        _ owner: Owner, _ request: Request, _ email: String = "", _ problem: ChangeEmailPage.Problem? = nil,
        status: Status = .ok
    ) -> Response {
        let page = ChangeEmailPage(frame: frame(owner, .email), email: email, problem: problem, csrf: token(owner))
        return answers.page(page, status: status, for: request)
    }

    private func changeEmail(
        _ form: FormParameters, _ owner: Owner, _ request: Request, _ mail: Site.MailParts
    ) async throws -> Response {
        let email = form[Parameter("email")] ?? ""
        switch try await mail.emailChange.request(
            email, for: owner.user, from: cookies.origin(of: request), language: language(request))
        {
        case .waiting(let id):
            try await audit.note(
                .emailChangeAsked, of: owner.user.id, from: request.auditOrigin, personal: ["email": email])
            return answers.redirect(to: AccountPlace.email.path + "/" + id)
        case .invalidEmail: return showEmail(owner, request, email, .invalidEmail, status: .unprocessableContent)
        case .ownEmail: return showEmail(owner, request, email, .ownEmail, status: .unprocessableContent)
        case .limited(let wait):
            let seconds = Failure.seconds(wait)
            return showEmail(owner, request, email, .tooMany(seconds: seconds), status: .tooManyRequests)
                .retrying(after: seconds)
        }
    }

    private func showCode(
        _ owner: Owner, _ request: Request, _ mail: Site.MailParts, _ remark: SignUpCodePage.Remark?,
        status: Status = .ok
    ) async throws -> Response {
        let id = request.parameter("id") ?? ""
        guard let proof = try await mail.emailChange.waiting(id, for: owner.user.id) else { return over(request) }
        let root = environment.issuer.path
        let action = root + AccountPlace.email.path + "/" + id
        let page = SignUpCodePage(
            email: proof.email.rawValue, code: ShownPeriod(mail.signUp.lifetimes.code),
            link: ShownPeriod(mail.signUp.lifetimes.link), remark: remark, csrf: token(owner), action: action,
            resendAction: action + "/mail", inboxURL: mail.inbox.map { _ in root + InboxRoutes.path })
        return answers.page(page, status: status, for: request)
    }

    private func takeCode(
        _ form: FormParameters, _ owner: Owner, _ request: Request, _ mail: Site.MailParts
    ) async throws -> Response {
        let id = request.parameter("id") ?? ""
        let finished = try await mail.emailChange.finish(
            id, code: form[Parameter("code")] ?? "", for: owner.user, language: language(request))
        switch finished {
        case .wrongCode(let left):
            return try await showCode(
                owner, request, mail, .wrongCode(left: left), status: .unprocessableContent)
        case .codeIsOver:
            return try await showCode(owner, request, mail, .codeIsOver, status: .unprocessableContent)
        case .over: return over(request)
        case .changed(let user):
            try await audit.note(
                .emailChanged, of: user.id, from: request.auditOrigin,
                personal: ["email": user.email.rawValue, "before": owner.user.email.rawValue])
            let page = AccountDonePage(
                deed: .emailChanged, email: user.email.rawValue,
                continueURL: environment.issuer.path + AccountPlace.security.path)
            var response = answers.page(page, for: request)
            // Browsers are known by the address.
            response.setCookie(try await known(user, request))
            return response
        }
    }

    private func over(_ request: Request) -> Response {
        let page = LinkOverPage(
            purpose: .changeEmail, againURL: environment.issuer.path + AccountPlace.email.path)
        return answers.page(page, status: .gone, for: request)
    }
}
