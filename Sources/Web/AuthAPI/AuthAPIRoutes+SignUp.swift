import AuthorizationServer
import HTTP
import Identity
import JSON
import OAuthTypes
import Pages
import Stores

/// Making an account: what was typed, one more mail, the code.
extension AuthAPIRoutes {
    func register(_ call: Call) async throws -> Response {
        let mail = try signUp()
        let content = call.content
        let occasion = occasion(.signUp, call)
        try await requireWork(call, for: occasion, account: "")
        guard mail.termsURL == nil || content.isTrue("termsAccepted") else {
            throw AuthProblem(.unfit, at: ["/termsAccepted"])
        }
        let (email, name) = (content["email"] ?? "", content["name"] ?? "")
        let password = content["password"] ?? ""
        let secret = environment.newSecret()
        let begun = try await mail.signUp.begin(
            email: email, name: name, password: password, browser: bound(secret, to: call.client), interaction: nil,
            from: origin(of: call), language: language(call))
        switch begun {
        case .waiting(let id):
            challenges?.note(occasion, account: "")
            return answers.success(.accepted) {
                $0.member("registrationToken", id + "." + secret)
                $0.member("codeExpiresIn", mail.signUp.lifetimes.code.wholeSeconds)
            }
        case .limited(let wait):
            audit.noteLater(.signUp, .limited, with: call.client.id, from: call.request.auditOrigin)
            throw AuthProblem.tooManyMails(wait)
        case .refused(let found):
            var problem = AuthProblem(.unfit)
            if found.email { problem.errors.append(AuthProblem.Field(pointer: "/email")) }
            if found.name { problem.errors.append(AuthProblem.Field(pointer: "/name")) }
            if found.password {
                problem.errors.append(unfit(password, of: PasswordOwner(name: name, email: email)))
            }
            throw problem
        }
    }

    func resendVerification(_ call: Call) async throws -> Response {
        let mail = try signUp()
        let (id, browser) = registration(call)
        guard let proof = try await mail.signUp.waiting(id, browser: browser) else {
            throw AuthProblem(.registrationOver)
        }
        let again = try await mail.signUp.resend(
            id, browser: browser, from: origin(of: call), language: language(call))
        switch again {
        case .sent: return answers.done
        case .limited(let wait): throw AuthProblem.tooManyMails(wait)
        // A new registration has mails of its own; this one has none until it is over.
        case .enough: throw AuthProblem.tooManyMails(proof.expiresAt - environment.clock.now)
        }
    }

    func verifyEmail(_ call: Call) async throws -> Response {
        let mail = try signUp()
        let scopes = try await ownSignIn.scopes(call.content["scope"], for: call.client)
        try ownSignIn.requireSigningKey()
        let (id, browser) = registration(call)
        let finished = try await mail.signUp.finish(
            id, code: call.content["code"] ?? "", browser: browser, language: language(call))
        switch finished {
        case .created(let user, _):
            try await audit.note(
                .signUp, of: user.id, with: call.client.id, from: call.request.auditOrigin,
                personal: ["email": user.email.rawValue], details: mail.termsURL.map { ["terms": $0] } ?? [:])
            let start = try await course.enter(user, at: place(call, ""))
            return try await signedIn(start, call, scopes)
        case .wrongCode(let left):
            audit.noteLater(.signUp, .refused, with: call.client.id, from: call.request.auditOrigin)
            var problem = AuthProblem(.wrongCode)
            problem.attemptsLeft = left
            throw problem
        case .codeIsOver: throw AuthProblem(.codeOver)
        case .refused, .over: throw AuthProblem(.registrationOver)
        }
    }

    func forgotPassword(_ call: Call) async throws -> Response {
        guard let mail else { throw AuthProblem(.notOffered) }
        let email = call.content["email"] ?? ""
        let occasion = occasion(.mail, call)
        try await requireWork(call, for: occasion, account: email)
        switch try await mail.reset.request(email, from: origin(of: call), language: language(call)) {
        case .taken:
            challenges?.note(occasion, account: email)
            audit.noteLater(
                .resetAsked, .succeeded, email: email, with: call.client.id, from: call.request.auditOrigin)
            return answers.done
        case .invalidEmail: throw AuthProblem(.invalidRequest, at: ["/email"])
        case .limited(let wait):
            audit.noteLater(
                .resetAsked, .limited, email: email, with: call.client.id, from: call.request.auditOrigin)
            throw AuthProblem.tooManyMails(wait)
        }
    }

    func resetPassword(_ call: Call) async throws -> Response {
        guard let mail else { throw AuthProblem(.notOffered) }
        let (token, password) = (call.content["resetToken"] ?? "", call.content["password"] ?? "")
        let user = try await mail.reset.account(of: token)
        let links: [LinkedIdentity] =
            if let user { try await environment.storage.links.list(of: user.id) } else { [] }
        switch try await mail.reset.finish(token, password: password, language: language(call)) {
        case .changed:
            try await audit.note(
                .passwordReset, of: user?.id, with: call.client.id, from: call.request.auditOrigin)
            if let user {
                try await audit.noteGone(
                    links, now: try await environment.storage.links.list(of: user.id), of: user.id,
                    with: call.client.id, from: call.request.auditOrigin)
                // Whoever reads the mail gets in, however many others fail.
                try await course.signIn.forgive(user)
            }
            return answers.done
        case .over: throw AuthProblem(.linkOver)
        case .unfitPassword:
            var problem = AuthProblem(.unfit)
            problem.errors = [
                unfit(password, of: PasswordOwner(name: user?.name ?? "", email: user?.email.rawValue ?? ""))
            ]
            throw problem
        }
    }

    /// The sign-up that this server offers to whoever comes; who was invited comes by a page.
    private func signUp() throws(AuthProblem) -> Site.MailParts {
        guard let mail, mail.signUpMode == .open else { throw AuthProblem(.notOffered) }
        return mail
    }

    /// The two parts of a registration token: what waits, and what stands for the browser of the pages.
    private func registration(_ call: Call) -> (id: String, browser: String) {
        let parts = (call.content["registrationToken"] ?? "").split(
            separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return ("", "") }
        return (String(parts[0]), bound(String(parts[1]), to: call.client))
    }

    /// A secret that is good at one client alone.
    private func bound(_ secret: String, to client: Client) -> String { "client \(client.id.rawValue) \(secret)" }

    private func unfit(_ password: String, of owner: PasswordOwner) -> AuthProblem.Field {
        let verdict = passwords?.judge.judge(password, of: owner)
        var reasons = verdict?.messages.map(\.rawValue) ?? []
        // What we would have taken was refused by the service that is asked besides.
        if verdict?.isAcceptable == true { reasons = ["breached"] }
        return AuthProblem.Field(pointer: "/password", reasons: reasons)
    }
}
