import AuthorizationServer
import HTTP
import Identity
import JOSE
import OAuthTypes
import Pages
import Stores

/// A person's own pages: their sessions, their second factor; what they change is in `AccountRoutes+Changes`.
///
/// Whoever is not signed in, or not freshly enough, is sent to sign in and comes back. Every form carries a token of this
/// browser and this session, so that what one person was shown is not posted for the next.
struct AccountRoutes: Sendable {
    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let secondFactor: SecondFactor
    /// Nil where none can be used.
    let passkeys: Passkeys?
    let environment: ServerEnvironment
    let audit: AuditTrail
    let account: Site.AccountParts
    let passwords: PasswordMeter?
    let signIn: LimitedSignIn
    /// Nil where no mail can be sent.
    let mail: Site.MailParts?
    /// Nil where nobody says where networks are.
    let places: Places?
    let links: LinkedAccounts
    /// Nil where there are no connectors.
    let federation: Site.FederationParts?

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        secondFactor = parts.secondFactor
        passkeys = parts.passkeys
        environment = parts.environment
        audit = parts.audit
        account = parts.account
        passwords = parts.passwords
        signIn = parts.signIn
        mail = parts.mail
        places = parts.places
        links = LinkedAccounts(parts)
        federation = parts.federation
    }

    var routes: [Route] { ownRoutes + appRoutes + changeRoutes }

    private var ownRoutes: [Route] {
        [
            page(AccountPlace.overview.path, .overview) { owner, request in
                try await showOverview(owner, request)
            },
            page(AccountPlace.sessions.path, .sessions) { try await showSessions($0, $1) },
            form(AccountPlace.sessions.path + "/end", .sessions) { owner, form, request in
                try await endSession(form, owner, request)
            },
            page(AccountPlace.security.path, .security) { try await showSecurity($0, $1) },
            change(AccountPlace.security.path + "/authenticator/begin", .security) { owner, _, _ in
                let isProposed = try await secondFactor.authenticators.propose(for: owner.user.id)
                return answers.redirect(
                    to: isProposed ? AccountRoutes.authenticatorPath : AccountPlace.security.path)
            },
            page(AccountRoutes.authenticatorPath, .security) {
                try await showAuthenticator($0, $1, isWrongCode: false)
            },
            change(AccountRoutes.authenticatorPath, .security) { try await confirmAuthenticator($1, $0, $2) },
            change(AccountPlace.security.path + "/authenticator/off", .security) { owner, _, request in
                _ = try await secondFactor.turnOff(for: owner.user.id) {
                    try await audit.note(.authenticatorRemoved, of: owner.user.id, from: request.auditOrigin)
                    try await account.notices.tell(.authenticatorRemoved, owner.user, language: language(request))
                }
                return try await renewing(owner, adding: [], answers.redirect(to: AccountPlace.security.path))
            },
            change(AccountPlace.security.path + "/recovery-codes", .security) { owner, _, request in
                let page = answers.redirect(to: AccountPlace.security.path)
                guard try await secondFactor.isOn(for: owner.user.id) else { return page }
                let codes = try await secondFactor.recoveryCodes.renew(for: owner.user.id) {
                    try await audit.note(.recoveryCodesMade, of: owner.user.id, from: request.auditOrigin)
                    try await account.notices.tell(.recoveryCodesRenewed, owner.user, language: language(request))
                }
                guard let codes else { return page }
                return recoveryCodes(codes, owner, isFirst: false, request)
            },
            change(AccountPlace.security.path + "/mail-codes", .security) { try await switchMailCodes($1, $0, $2) },
            form(AccountPlace.security.path + "/recovery-codes/file", .security) { recoveryCodeFile($1, $0, $2) },
            form(AccountPlace.security.path + "/devices/forget", .security) { owner, form, request in
                let bytes = form[Parameter("device")].flatMap { Base64URL.decode($0) }
                if let digest = bytes.flatMap({ TokenDigest(bytes: $0) }),
                    try await secondFactor.devices.forget(digest, of: owner.user.id)
                {
                    try await audit.note(.deviceForgotten, of: owner.user.id, from: request.auditOrigin)
                }
                return answers.redirect(to: AccountPlace.security.path)
            },
        ] + passkeyRoutes + profileRoutes + linkRoutes
    }

    /// The tag of the language of the page that a request is answered with, for mails that tell of it.
    func language(_ request: Request) -> String { answers.language(for: request).tag }

    private static let authenticatorPath = AccountPlace.security.path + "/authenticator"

    // MARK: Sessions

    private func showSessions(_ owner: Owner, _ request: Request) async throws -> Response {
        let all = try await sessions.list(of: owner.user.id)
        let uses = try await environment.storage.grants.clients(of: owner.user.id, at: environment.clock.now)
        var names: [ClientID: String] = [:]
        for id in Set(uses.map(\.clientID)) { names[id] = try await environment.clients.find(id)?.name }
        let tag = language(request)
        let entries = all.map { session in
            AccountSessionsPage.Entry(
                device: session.device ?? "",
                network: session.network,
                place: session.network.flatMap { places?.name(ofNetwork: $0, in: tag) },
                started: ShownMoment(seconds: session.startedAt.seconds),
                lastUsed: ShownMoment(seconds: session.lastUsedAt.seconds),
                clients: uses.filter { $0.sessionID == session.id }.compactMap { names[$0.clientID] }.sorted(),
                isCurrent: session.id == owner.session.id,
                handle: session.id.rawValue
            )
        }
        let page = AccountSessionsPage(frame: frame(owner, .sessions), sessions: entries, csrf: token(owner))
        return answers.page(page, for: request)
    }

    private func endSession(
        _ form: FormParameters, _ owner: Owner, _ request: Request
    ) async throws -> Response {
        switch form[Parameter("session")] {
        case "others"?:
            _ = try await sessions.endOthers(than: owner.session, forgetting: secondFactor.devices)
            try await audit.note(
                .sessionsEnded, of: owner.user.id, from: request.auditOrigin, details: ["which": "others"])
        case let id?:
            let isEnded = try await sessions.end(
                SessionID(rawValue: id), of: owner.session, forgetting: secondFactor.devices, but: owner.deviceSecret)
            if isEnded {
                try await audit.note(
                    .sessionsEnded, of: owner.user.id, from: request.auditOrigin, details: ["which": "one"])
            }
        case nil: break
        }
        return answers.redirect(to: AccountPlace.sessions.path)
    }

    // MARK: The second factor

    func showSecurity(
        _ owner: Owner, _ request: Request, _ problem: PasskeyList.Problem? = nil, status: Status = .ok
    ) async throws -> Response {
        let id = owner.user.id
        let isOn = try await secondFactor.isOn(for: id)
        let devices = isOn ? try await secondFactor.devices.list(of: id) : []
        let shownLinks = try await linkList(owner, request)
        let page = AccountSecurityPage(
            frame: frame(owner, .security),
            secondFactor: isOn
                ? .on(
                    recoveryCodesLeft: try await secondFactor.recoveryCodes.left(for: id),
                    hasApp: try await secondFactor.authenticators.isOn(for: id)) : .off,
            devices: devices.map { device in
                AccountSecurityPage.Device(
                    name: device.device,
                    since: ShownMoment(seconds: device.createdAt.seconds),
                    until: ShownMoment(seconds: device.expiresAt.seconds),
                    handle: Base64URL.encode(device.digest.bytes)
                )
            },
            passkeys: try await passkeyList(owner, request, problem),
            links: shownLinks,
            frozenUntil: try await account.deletion.freeze(of: id).map { ShownMoment(seconds: $0.seconds) },
            hasMail: mail != nil,
            password: try await shownPassword(owner.user),
            mailCodes: try await shownMailCodes(owner.user),
            csrf: token(owner)
        )
        return answers.page(
            page, status: status, formTarget: shownLinks?.others.isEmpty == false ? .providers(nil) : .ourselves,
            for: request)
    }

    private func showAuthenticator(_ owner: Owner, _ request: Request, isWrongCode: Bool) async throws -> Response {
        guard let key = try await secondFactor.authenticators.proposal(for: owner.user) else {
            return answers.redirect(to: AccountPlace.security.path)
        }
        let page = AuthenticatorPage(
            frame: frame(owner, .security),
            keyGroups: key.groups,
            // Without a picture the key is typed.
            picture: (try? key.qrCode()).map { QRPicture(rows: $0.rows) },
            isWrongCode: isWrongCode,
            csrf: token(owner)
        )
        return answers.page(page, status: isWrongCode ? .forbidden : .ok, for: request)
    }

    private func confirmAuthenticator(
        _ form: FormParameters, _ owner: Owner, _ request: Request
    ) async throws -> Response {
        let code = form[Parameter("code")] ?? ""
        let codes = try await secondFactor.turnOn(code, for: owner.user.id) {
            try await audit.note(.authenticatorAdded, of: owner.user.id, from: request.auditOrigin)
            try await account.notices.tell(.authenticatorAdded, owner.user, language: language(request))
        }
        guard let codes else {
            audit.noteLater(
                .authenticatorAdded, .refused, of: owner.user.id, by: .person(owner.user.id), from: request.auditOrigin)
            return try await showAuthenticator(owner, request, isWrongCode: true)
        }
        return try await renewing(
            owner, adding: [.oneTimePassword, .multipleFactors],
            recoveryCodes(codes, owner, isFirst: true, request))
    }

    private func shownPassword(_ user: User) async throws -> AccountSecurityPage.Password {
        if let keeper = try await account.passwords.keeper(of: user) {
            return .kept(by: keeper.name, page: keeper.page)
        }
        guard user.passwordHash != nil else { return .none }
        return try await account.passwords.isDispensable(for: user) ? .dispensable : .needed
    }

    private func shownMailCodes(_ user: User) async throws -> AccountSecurityPage.MailCodes {
        guard secondFactor.mailedCodes != nil, user.isEmailVerified else { return .notOffered }
        let ways = try await secondFactor.ways(of: user.id)
        if ways.app || ways.passkey { return .notOffered }
        return ways.mail == .off ? .off : .on
    }

    private func switchMailCodes(
        _ form: FormParameters, _ owner: Owner, _ request: Request
    ) async throws -> Response {
        let page = answers.redirect(to: AccountPlace.security.path)
        switch form[Parameter("codes")] {
        case "on"?:
            let codes = try await secondFactor.turnMailedCodesOn(for: owner.user) {
                try await audit.note(.mailCodesAdded, of: owner.user.id, from: request.auditOrigin)
                try await account.notices.tell(.mailCodesAdded, owner.user, language: language(request))
            }
            guard let codes else { return page }
            guard !codes.isEmpty else { return try await renewing(owner, adding: [], page) }
            try await audit.note(.recoveryCodesMade, of: owner.user.id, from: request.auditOrigin)
            return try await renewing(
                owner, adding: [], recoveryCodes(codes, owner, isFirst: true, request))
        case "off"?:
            let isOff = try await secondFactor.turnMailedCodesOff(for: owner.user.id) {
                try await audit.note(.mailCodesRemoved, of: owner.user.id, from: request.auditOrigin)
                try await account.notices.tell(.mailCodesRemoved, owner.user, language: language(request))
            }
            guard isOff else { return page }
            return try await renewing(owner, adding: [], page)
        default: return page
        }
    }

    func recoveryCodes(
        _ codes: [RecoveryCode], _ owner: Owner, isFirst: Bool, _ request: Request
    ) -> Response {
        answers.page(
            RecoveryCodesPage(
                frame: frame(owner, .security), codes: codes.map(\.text), isFirst: isFirst, csrf: token(owner)),
            for: request)
    }

    /// The codes of the page that was just shown as a file: only what has their form comes back.
    private func recoveryCodeFile(_ form: FormParameters, _ owner: Owner, _ request: Request) -> Response {
        let words = (form[Parameter("codes")] ?? "").split(separator: " ")
        let codes = words.compactMap { RecoveryCode(typed: String($0)) }
        guard !codes.isEmpty, codes.count == words.count, codes.count <= RecoveryCodes.count else {
            return answers.forbidden(for: request)
        }
        let file = RecoveryCodesFile(
            accountEmail: owner.user.email.rawValue, issuer: environment.issuer.url, codes: codes.map(\.text))
        return answers.file(file, named: "recovery-codes.txt", for: request)
    }

    /// Puts the session under a new secret: it may do more, or less, from now on.
    func renewing(
        _ owner: Owner, adding methods: [AuthenticationMethod], _ response: Response
    ) async throws -> Response {
        // Whoever was signed out in the meantime stays so.
        guard let (secret, session) = try await sessions.renew(owner.session, adding: methods) else {
            return answers.redirect(to: AccountPlace.signIn + AccountPlace.security.query)
        }
        var response = response
        response.setCookie(cookies.session(secret, for: sessions.cookieLifetime(of: session)))
        return response
    }

    // MARK: What guards them

    /// Who is signed in, in which browser.
    struct Owner: Sendable {
        let user: User
        let session: Session
        let browserSecret: String
        /// What the browser keeps of being remembered; nil for nothing.
        let deviceSecret: String?
        let traits: BrowserTraits
    }

    func frame(_ owner: Owner, _ place: AccountPlace) -> AccountFrame {
        let root = environment.issuer.path
        let left = sessions.timeLeft(of: owner.session) - AccountFrame.warning
        return AccountFrame(
            accountEmail: owner.user.email.rawValue,
            rootURL: root + AccountPlace.root,
            pageURL: root + place.path,
            signOutURL: root + EndSessionEndpoint.path,
            warnAfter: max(0, Int(clamping: left.wholeSeconds))
        )
    }

    func token(_ owner: Owner) -> String {
        environment.formTokens.token(
            for: AccountRoutes.purpose(owner.session), browser: owner.browserSecret)
    }

    static func purpose(_ session: Session) -> String { "account \(session.id.rawValue)" }

    func page(
        _ path: String, _ place: AccountPlace, _ show: @escaping @Sendable (Owner, Request) async throws -> Response
    ) -> Route {
        Route(.get, path) { request in
            do {
                let visitor = try await Visitor(request, cookies, sessions)
                guard let owner = try await owner(visitor, of: place) else {
                    return answers.redirect(to: AccountPlace.signIn + place.query)
                }
                var response = try await show(owner, request)
                if visitor.browser.secret == nil { response.setCookie(cookies.browser(owner.browserSecret)) }
                return response
            } catch {
                return answers.failure(error, for: request)
            }
        }
    }

    /// A form that changes what the account is recovered by: not while it is frozen, which the page says.
    func change(
        _ path: String, _ place: AccountPlace,
        _ take: @escaping @Sendable (Owner, FormParameters, Request) async throws -> Response
    ) -> Route {
        form(path, place) { owner, fields, request in
            guard try await account.deletion.freeze(of: owner.user.id) == nil else {
                return answers.redirect(to: AccountPlace.security.path)
            }
            if let wait = try await account.notices.wait(beforeChanging: owner.user.id) {
                return answers.tooMany(wait, for: request)
            }
            return try await take(owner, fields, request)
        }
    }

    func form(
        _ path: String, _ place: AccountPlace,
        _ take: @escaping @Sendable (Owner, FormParameters, Request) async throws -> Response
    ) -> Route {
        Route(.post, path, bodyLimit: OwnForm.contentLimit) { request in
            do {
                let visitor = try await Visitor(request, cookies, sessions)
                guard let owner = try await owner(visitor, of: place) else {
                    return answers.redirect(to: AccountPlace.signIn + place.query)
                }
                let purpose = AccountRoutes.purpose(owner.session)
                guard let form = OwnForm(request, purpose: purpose, browser: visitor.browser.secret, environment)
                else { return answers.forbidden(for: request) }
                return try await take(owner, form.fields, request)
            } catch {
                return answers.failure(error, for: request)
            }
        }
    }

    /// Who is signed in; nil where nobody is, or the place wants a fresher proof.
    func owner(_ visitor: Visitor, of place: AccountPlace) async throws -> Owner? {
        guard let session = visitor.browser.session,
            let user = try await environment.storage.users.find(session.userID)
        else { return nil }
        if place.needsFreshProof {
            let isFresh = try await secondFactor.isFresh(
                session.userID, provenAt: session.authenticatedAt, by: session.methods)
            guard isFresh else { return nil }
        }
        return Owner(
            user: user, session: session, browserSecret: visitor.browser.secret ?? environment.newSecret(),
            deviceSecret: visitor.deviceSecret, traits: visitor.traits)
    }
}
