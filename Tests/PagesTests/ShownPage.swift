import Foundation
import Testing

@testable import Mustache
@testable import Pages

/// A page in one of its states, as the suites below look at it.
struct ShownPage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let page: any Page
    /// Elements that scripts and test suites look for by `id`.
    let ids: Set<String>
    /// Elements that must not be there in this state.
    let absent: Set<String>

    init(_ state: String, _ page: any Page, ids: Set<String>, absent: Set<String> = []) {
        testDescription = "\(type(of: page).template): \(state)"
        self.page = page
        self.ids = ids
        self.absent = absent
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../templates").standardized.path

    private static let read = Result { try PageSet(directory: folder) }

    static func set() throws -> PageSet { try read.get() }

    /// What is wrong with a folder; nil where nothing is.
    static func mistakes(
        in folder: TemplateFolder, language: Language = .english, pages: [any Page.Type] = PageSet.pages,
        mails: [any Mail.Type] = PageSet.mails, files: [any TextFile.Type] = PageSet.files
    ) -> PageError? {
        do {
            _ = try PageSet(folder, language: language, pages: pages, mails: mails, files: files)
            return nil
        } catch {
            return error
        }
    }

    /// Where the script of a widget comes from; nil on pages without one.
    var widget: String? {
        guard case .widget(_, _, let script, _) = (page as? SignInPage)?.challenge else { return nil }
        return script
    }

    func html() throws -> String { String(decoding: try Self.set().render(page), as: UTF8.self) }

    static let all: [ShownPage] =
        PageSet.pages.map { ShownPage("with everything", $0.example, ids: []) } + signIn + connectors + consent + ends
        + development
        + people
        + account

    static let connectors = [
        ShownPage(
            "other providers",
            SignInPage(
                clientName: "Sundial", account: .anyone(email: ""), csrf: "t", action: "/i/1",
                connectors: ConnectorButton.examples),
            ids: ["email", "password", "submit", "connectors"], absent: ["connector-problem", "linking"]
        ),
        ShownPage(
            "other providers, and who wishes may stay signed in",
            SignInPage(
                clientName: "Sundial", account: .anyone(email: ""), csrf: "t", action: "/i/1",
                connectors: ConnectorButton.examples, offersStaying: true, isStaying: true),
            ids: ["password", "stay", "with-google", "stay-with-google"], absent: ["error", "linking"]
        ),
        ShownPage(
            "another provider has refused",
            SignInPage(
                clientName: "Sundial", account: .anyone(email: ""), csrf: "t", action: "/i/1",
                connectors: ConnectorButton.examples, connectorProblem: .example),
            ids: ["password", "connectors", "connector-problem"], absent: ["error", "linking"]
        ),
        ShownPage(
            "an account is to be linked",
            SignInPage(
                clientName: nil, account: .known(email: "a@b.example"), csrf: "t", action: "/i/1", linking: "Google"),
            ids: ["password", "linking", "other-account"], absent: ["connectors", "connector-problem"]
        ),
        ShownPage(
            "the address comes first",
            SignInPage(
                clientName: "Sundial", account: .anyone(email: ""), csrf: "t", action: "/i/1",
                connectors: ConnectorButton.examples, asksAddressFirst: true, passwordURL: "/i/1/sign-in?as=password"),
            ids: ["email", "submit", "connectors", "with-password"], absent: ["password", "show-password", "error"]
        ),
        ShownPage(
            "every drawing",
            SignInPage(
                clientName: nil, account: .anyone(email: ""), csrf: "t", action: "/i/1",
                connectors: ConnectorMark.allCases.map {
                    ConnectorButton(
                        id: $0.rawValue, name: $0.rawValue, preset: $0.rawValue, url: "/with/" + $0.rawValue,
                        isResting: false)
                }),
            ids: ["with-google", "with-discord", "with-ldap"]
        ),
    ]

    static let signIn = [
        ShownPage(
            "first visit",
            SignInPage(clientName: "Sundial", account: .anyone(email: ""), csrf: "t", action: "/i/1"),
            ids: ["email", "password", "submit", "show-password", "client"],
            absent: ["error", "other-account"]
        ),
        ShownPage(
            "no client",
            SignInPage(clientName: nil, account: .anyone(email: "a@b.example"), csrf: "t", action: "/i/1"),
            ids: ["email", "password", "submit"],
            absent: ["client"]
        ),
        ShownPage(
            "wrong credentials",
            SignInPage(
                clientName: nil, account: .anyone(email: "a@b.example"), problem: .wrongCredentials, csrf: "t",
                action: "/"
            ),
            ids: ["error", "email", "password", "submit"]
        ),
        ShownPage(
            "a puzzle",
            SignInPage(
                clientName: nil, account: .anyone(email: "a@b.example"), problem: .challenge(.tooEarly(seconds: 7)),
                csrf: "t", action: "/",
                challenge: .work(token: "t", text: "t", bits: 14, rounds: 16, waitSeconds: 20)
            ),
            ids: ["error", "challenge", "challenge-working", "submit"]
        ),
        ShownPage(
            "a widget",
            SignInPage(
                clientName: nil, account: .anyone(email: "a@b.example"), problem: .challenge(.failed), csrf: "t",
                action: "/",
                challenge: .widget(
                    elementClass: "h-captcha", siteKey: "k", script: "https://js.hcaptcha.com/1/api.js",
                    purpose: "sign-in")
            ),
            ids: ["error", "challenge", "submit"], absent: ["challenge-working"]
        ),
        ShownPage(
            "too many attempts",
            SignInPage(
                clientName: nil, account: .anyone(email: "a@b.example"), problem: .tooMany(seconds: 61), csrf: "t",
                action: "/"
            ),
            ids: ["error", "wait", "email", "password", "submit"]
        ),
        ShownPage(
            "busy",
            SignInPage(clientName: nil, account: .anyone(email: ""), problem: .busy, csrf: "t", action: "/"),
            ids: ["error", "submit"]
        ),
        ShownPage(
            "a directory does not answer",
            SignInPage(
                clientName: nil, account: .anyone(email: "a@b.example"), problem: .directory("Nordwind"), csrf: "t",
                action: "/"),
            ids: ["error", "password", "submit"], absent: ["connector-problem"]
        ),
        ShownPage(
            "expired form",
            SignInPage(clientName: nil, account: .anyone(email: ""), problem: .expiredForm, csrf: "t", action: "/"),
            ids: ["error", "submit"]
        ),
        ShownPage(
            "known person",
            SignInPage(clientName: nil, account: .known(email: "a@b.example"), csrf: "t", action: "/"),
            ids: ["email", "password", "submit", "other-account"],
            absent: ["error"]
        ),
        ShownPage(
            "account",
            SelectAccountPage(clientName: nil, accountName: "Ada", accountEmail: "a@b.example", csrf: "t", action: "/"),
            ids: ["continue", "other-account"],
            absent: ["client"]
        ),
    ]

    static let consent = [
        ShownPage(
            "unverified", ConsentPage.example, ids: ["allow", "deny", "client", "account", "destination", "unverified"]),
        ShownPage(
            "verified",
            ConsentPage(
                clientName: "Sundial", destination: .website(host: "sundial.example"), verification: .verified,
                scopes: [ConsentPage.Scope(name: "openid")], accountEmail: "a@b.example", csrf: "t", action: "/"
            ),
            ids: ["allow", "deny", "scopes", "destination"],
            absent: ["unverified"]
        ),
    ]

    static let ends =
        InteractionOverPage.Reason.allCases.flatMap { reason in
            [
                ShownPage(
                    "\(reason)", InteractionOverPage(reason: reason), ids: ["error", "advice"], absent: ["client"]),
                ShownPage(
                    "\(reason) with client", InteractionOverPage(reason: reason, clientName: "Sundial"),
                    ids: ["error", "advice", "client"]
                ),
            ]
        } + [
            ShownPage("button", FormPostPage.example, ids: ["form-post", "continue"]),
            ShownPage("question", SignOutPage.example, ids: ["sign-out", "stay", "account", "client"]),
            ShownPage(
                "nobody", SignOutPage(accountEmail: nil, csrf: "t", action: "/"), ids: ["sign-out", "stay"],
                absent: ["account", "client"]
            ),
            ShownPage("return", SignedOutPage.example, ids: ["signed-out", "continue"]),
            ShownPage("no return", SignedOutPage(), ids: ["signed-out"], absent: ["continue"]),
            ShownPage(
                "details", ErrorPage.example, ids: ["error", "advice", "support-code", "developer", "error-code"]),
        ]
        + ErrorPage.Kind.all.map {
            ShownPage("\($0)", ErrorPage($0, supportCode: "A"), ids: ["error", "advice", "support-code"])
        } + [
            ShownPage(
                "not found", ErrorPage(.notFound, supportCode: "A"), ids: ["error", "support-code"],
                absent: ["developer"]
            )
        ]

    static let development = [
        ShownPage(
            "demo", HomePage.example,
            ids: [
                "playground", "issuer", "discovery", "client-id", "client-secret", "demo-email", "demo-password",
                "curl",
            ]
        ),
        ShownPage("failed", PlaygroundPage.example, ids: ["error", "error-code", "restart", "steps"]),
        ShownPage(
            "done",
            PlaygroundPage(
                steps: PlaygroundPage.example.steps, tokens: PlaygroundPage.example.tokens, userInfo: "{}",
                refresh: PlaygroundPage.example.refresh, startURL: "/playground", signOutURL: "/logout"
            ),
            ids: ["refresh", "restart", "sign-out", "userinfo", "steps"],
            absent: ["error"]
        ),
        ShownPage(
            "nothing yet", PlaygroundPage(steps: [], startURL: "/playground"), ids: ["restart"],
            absent: ["refresh", "sign-out", "steps", "userinfo"]
        ),
    ]

    static let people =
        [
            ShownPage(
                "nothing can be forgotten",
                SignInPage(clientName: nil, account: .anyone(email: ""), csrf: "t", action: "/"), ids: [],
                absent: ["forgot", "sign-up"]
            ),
            ShownPage("links", SignInPage.example, ids: ["forgot", "sign-up"], absent: ["stay"]),
            ShownPage(
                "staying",
                SignInPage(clientName: nil, account: .anyone(email: ""), csrf: "t", action: "/", offersStaying: true),
                ids: ["email", "password", "stay", "submit"]),
            ShownPage(
                "first visit", ForgotPasswordPage(csrf: "t", action: "/"), ids: ["email", "submit"],
                absent: ["error", "email-error"]
            ),
            ShownPage(
                "no address", ForgotPasswordPage.example, ids: ["email", "email-error"], absent: ["error", "wait"]),
            ShownPage(
                "too many", ForgotPasswordPage(problem: .tooMany(seconds: 301), csrf: "t", action: "/"),
                ids: ["error", "email", "wait"]),
            ShownPage("development", MailSentPage.example, ids: ["sent", "email", "again", "inbox"]),
            ShownPage(
                "production", MailSentPage(email: "a@b.example", lifetime: ShownPeriod(seconds: 300), againURL: "/"),
                ids: ["sent", "email", "again"],
                absent: ["inbox"]
            ),
            ShownPage(
                "first visit", ResetPasswordPage(email: "a@b.example", link: "l", csrf: "t", action: "/"),
                ids: ["password", "account", "submit"], absent: ["password-error"]
            ),
            ShownPage("unfit", ResetPasswordPage.example, ids: ["password", "password-error"]),
            ShownPage(
                "first visit",
                SignUpPage(clientName: nil, termsURL: nil, interaction: "", signInURL: nil, csrf: "t", action: "/"),
                ids: ["name", "email", "password", "submit"],
                absent: ["error", "terms", "client", "sign-in", "name-error", "email-error", "password-error"]
            ),
            ShownPage(
                "all wrong", SignUpPage.example,
                ids: [
                    "name-error", "email-error", "password-error", "terms-error", "terms", "client", "sign-in", "error",
                    "wait",
                ]
            ),
            ShownPage("wrong code", SignUpCodePage.example, ids: ["code", "code-error", "resend", "inbox"]),
            ShownPage(
                "first visit", code(nil),
                ids: ["code", "submit", "resend"], absent: ["code-error", "remark", "inbox"]
            ),
            ShownPage(
                "no code", code(.codeIsOver), ids: ["code-error", "resend"], absent: ["remark"]),
            ShownPage("sent again", code(.sentAgain), ids: ["remark"], absent: ["code-error"]),
            ShownPage(
                "enough mails", code(.tooManyMails(seconds: nil)), ids: ["remark"], absent: ["code-error", "wait"]),
            ShownPage(
                "too many mails", code(.tooManyMails(seconds: 901)), ids: ["remark", "wait"], absent: ["code-error"]),
            ShownPage("another browser", SignUpConfirmPage.example, ids: ["name", "password", "name-error", "terms"]),
            ShownPage(
                "same browser",
                SignUpConfirmPage(
                    email: "a@b.example", name: "A", asksPassword: false, termsURL: nil, link: "l", csrf: "t",
                    action: "/"
                ),
                ids: ["account", "submit", "name"], absent: ["password", "terms", "error"]
            ),
            ShownPage(
                "by a connector", ConnectorAccountPage.example, ids: ["account", "terms", "terms-error", "leave"]),
            ShownPage(
                "by a connector, first visit",
                ConnectorAccountPage(
                    connector: "Login", email: "a@b.example", termsURL: "https://b.example/terms", csrf: "t",
                    action: "/", leaveURL: "/"), ids: ["account", "terms", "submit"], absent: ["terms-error"]),
            ShownPage("empty", InboxPage(mails: []), ids: ["empty"]),
            ShownPage("a mail", InboxPage.example, ids: ["mail-1"], absent: ["empty"]),
        ]
        + LinkOverPage.Purpose.allCases.map {
            ShownPage("\($0)", LinkOverPage(purpose: $0, againURL: nil), ids: ["over"], absent: ["again"])
        }
        + FollowLinkPage.Deed.allCases.map {
            ShownPage(
                "\($0)",
                FollowLinkPage(deed: $0, email: "a@b.example", signInURL: nil, link: "l", csrf: "t", action: "/"),
                ids: ["account", "submit"], absent: ["sign-in", "sign-in-first"])
        }
        + AccountDonePage.Deed.allCases.map {
            ShownPage(
                "\($0)", AccountDonePage(deed: $0, email: "a@b.example"), ids: ["done", "account"],
                absent: ["continue"])
        }

    private static func code(_ remark: SignUpCodePage.Remark?) -> SignUpCodePage {
        SignUpCodePage(
            email: "a@b.example", code: ShownPeriod(seconds: 60), link: ShownPeriod(seconds: 3600), remark: remark,
            csrf: "t", action: "/", resendAction: "/mail")
    }

    static let account = [
        ShownPage(
            "as it is at first", ProfilePage(frame: .example, texts: [:], csrf: "t"),
            ids: ["given_name", "birthdate", "street_address", "tag", "save", "account"],
            absent: ["saved", "birthdate-error"]),
        ShownPage(
            "app",
            SecondFactorPage(
                clientName: "Sundial", accountEmail: "a@b.example", way: .app, mayRemember: true, otherWayURL: "/o",
                restartURL: "/r", csrf: "t", action: "/"),
            ids: ["code", "submit", "remember", "other-way", "restart", "client", "account"], absent: ["error"]),
        ShownPage(
            "passkey only",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .passkey, problem: .unknownPasskey,
                mayRemember: true, otherWayURL: "/o", restartURL: "/r", alternative: .passkey,
                passkey: PasskeyForm(optionsURL: "/p", optionsToken: "t", place: "i"), csrf: "t", action: "/"),
            ids: ["passkey", "use-passkey", "error", "other-way"], absent: ["code", "submit", "remember"]),
        ShownPage(
            "recovery code, wrong, no client",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .recoveryCode, problem: .wrongCode,
                mayRemember: true, otherWayURL: "/o", restartURL: "/r", csrf: "t", action: "/"),
            ids: ["code", "submit", "error", "other-way"], absent: ["remember", "client"]),
        ShownPage(
            "code by mail, sent again",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .mail, mayRemember: true, otherWayURL: "/o",
                restartURL: "/r", alternative: .mail, isSentAgain: true, csrf: "t", action: "/"),
            ids: ["code", "submit", "remember", "send", "sent", "other-way"], absent: ["error"]),
        ShownPage(
            "code by mail, too many",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .mail, problem: .tooManyMails(seconds: 61),
                mayRemember: false, otherWayURL: "/o", restartURL: "/r", alternative: .mail, csrf: "t", action: "/"),
            ids: ["code", "error", "send", "other-way", "wait"], absent: ["sent", "remember"]),
        ShownPage(
            "code by mail, enough",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .mail, problem: .tooManyMails(seconds: nil),
                mayRemember: false, otherWayURL: "/o", restartURL: "/r", alternative: .mail, csrf: "t", action: "/"),
            ids: ["code", "error", "send", "restart"], absent: ["wait"]),
        ShownPage(
            "code by mail, wrong",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .mail, problem: .wrongCode, mayRemember: false,
                otherWayURL: "/o", restartURL: "/r", alternative: .mail, csrf: "t", action: "/"),
            ids: ["code", "error", "send"]),
        ShownPage(
            "code by mail, as fresh proof",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .mail, problem: .tooManyMails(seconds: nil),
                mayRemember: false, otherWayURL: nil, restartURL: "/r", alternative: .mail, isForFreshness: true,
                csrf: "t", action: "/"),
            ids: ["code", "error", "send", "restart", "freshness"], absent: ["other-way", "remember", "wait"]),
        ShownPage(
            "recovery code after a reset",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .recoveryCode, mayRemember: true, otherWayURL: "/o",
                restartURL: "/r", alternative: .none, csrf: "t", action: "/"),
            ids: ["code", "submit", "needs-recovery", "restart"], absent: ["other-way", "send"]),
        ShownPage(
            "recovery code in place of a mail",
            SecondFactorPage(
                clientName: nil, accountEmail: "a@b.example", way: .recoveryCode, mayRemember: true, otherWayURL: "/o",
                restartURL: "/r", alternative: .mail, csrf: "t", action: "/"),
            ids: ["code", "submit", "other-way"], absent: ["needs-recovery", "send"]),
        ShownPage(
            "codes by mail offered",
            AccountSecurityPage(frame: quiet, secondFactor: .off, devices: [], mailCodes: .off, csrf: "t"),
            ids: ["two-step-off", "set-up", "mail-codes-on"], absent: ["mail-codes-off", "remove-password"]),
        ShownPage(
            "codes by mail",
            AccountSecurityPage(
                frame: quiet, secondFactor: .on(recoveryCodesLeft: 10, hasApp: false), devices: [], mailCodes: .on,
                csrf: "t"),
            ids: ["two-step-on", "set-up", "mail-codes-off", "new-codes"], absent: ["mail-codes-on", "switch-off"]),
        ShownPage(
            "a password that a directory keeps",
            AccountSecurityPage(
                frame: quiet, secondFactor: .off, devices: [],
                password: .kept(by: "Nordwind", page: "https://password.nordwind.example/"), csrf: "t"),
            ids: ["password-keeper", "password-page", "set-up"], absent: ["change-password", "remove-password"]),
        ShownPage(
            "a password that a directory keeps, which says nowhere",
            AccountSecurityPage(
                frame: quiet, secondFactor: .off, devices: [], password: .kept(by: "Nordwind", page: nil), csrf: "t"),
            ids: ["password-keeper"], absent: ["password-page", "change-password"]),
        ShownPage(
            "no password",
            AccountSecurityPage(
                frame: quiet, secondFactor: .on(recoveryCodesLeft: 10, hasApp: false), devices: [],
                passkeys: .example, password: .none, csrf: "t"),
            ids: ["two-step-on", "change-password"], absent: ["remove-password"]),
        ShownPage(
            "first look", RemovePasswordPage(frame: quiet, csrf: "t"), ids: ["account", "recovery", "submit", "cancel"]),
        ShownPage(
            "last code", RecoveryCodeUsedPage(left: 0, continueURL: "/", securityURL: "/"),
            ids: ["codes-left", "continue", "security"]),
        ShownPage(
            "overview", AccountPage.example,
            ids: ["account", "to-overview", "to-security", "to-sessions", "to-sign-out", "time-out", "stay-signed-in"]),
        ShownPage(
            "no name", AccountPage(frame: quiet, name: "", csrf: "t"), ids: ["account", "name", "rename"],
            absent: ["time-out", "leaving", "name-error"]),
        ShownPage(
            "frozen",
            AccountSecurityPage(
                frame: quiet, secondFactor: .off, devices: [], frozenUntil: ShownMoment(seconds: 1_748_779_200),
                hasMail: true, csrf: "t"), ids: ["frozen", "change-password", "change-email", "delete"]),
        ShownPage(
            "first look", ChangePasswordPage(frame: quiet, hasPassword: true, csrf: "t", advice: nil),
            ids: ["current", "password", "submit", "cancel"], absent: ["error", "current-error", "password-error"]),
        ShownPage(
            "no password yet",
            ChangePasswordPage(frame: quiet, hasPassword: false, problem: .unfitPassword, csrf: "t", advice: nil),
            ids: ["password", "password-error"], absent: ["current"]),
        ShownPage(
            "wrong password",
            ChangePasswordPage(frame: quiet, hasPassword: true, problem: .wrongPassword, csrf: "t", advice: .example),
            ids: ["current-error", "password-advice"], absent: ["error"]),
        ShownPage(
            "first look", ChangeEmailPage(frame: quiet, csrf: "t"), ids: ["email", "submit", "cancel"],
            absent: ["error", "email-error"]),
        ShownPage(
            "own address", ChangeEmailPage(frame: quiet, email: "a@b.example", problem: .ownEmail, csrf: "t"),
            ids: ["email-error"], absent: ["error"]),
        ShownPage(
            "too many mails", ChangeEmailPage(frame: quiet, problem: .tooMany(seconds: 61), csrf: "t"),
            ids: ["error", "wait"],
            absent: ["email-error"]),
        ShownPage("at once", DeleteAccountPage(frame: quiet, days: 0, csrf: "t"), ids: ["grace", "submit", "cancel"]),
        ShownPage("a day", DeleteAccountPage(frame: quiet, days: 1, csrf: "t"), ids: ["grace"]),
        ShownPage(
            "off", AccountSecurityPage(frame: quiet, secondFactor: .off, devices: [], csrf: "t"),
            ids: ["two-step-off", "set-up", "change-password"],
            absent: ["two-step-on", "switch-off", "devices", "frozen", "change-email"]),
        ShownPage(
            "on, nothing remembered",
            AccountSecurityPage(frame: quiet, secondFactor: .on(recoveryCodesLeft: 10), devices: [], csrf: "t"),
            ids: ["two-step-on", "codes-left", "new-codes", "switch-off"],
            absent: ["two-step-off", "few-codes", "devices"]),
        ShownPage(
            "passkeys and no app",
            AccountSecurityPage(
                frame: quiet, secondFactor: .on(recoveryCodesLeft: 10, hasApp: false), devices: [],
                passkeys: PasskeyList(
                    entries: [
                        PasskeyList.Entry(
                            name: "key", added: ShownMoment(seconds: 0), lastUsed: nil, isSynced: false, handle: "a")
                    ], problem: .lastWayIn, mayAdd: true, optionsURL: "/p", suggestedName: "Firefox on Linux"),
                csrf: "t"),
            ids: ["two-step-on", "set-up", "passkeys", "add-passkey", "passkey-problem", "passkey-name-0"],
            absent: ["two-step-off", "switch-off"]),
        ShownPage(
            "as many passkeys as there may be",
            AccountSecurityPage(
                frame: quiet, secondFactor: .off, devices: [],
                passkeys: PasskeyList(entries: [], mayAdd: false, optionsURL: "/p", suggestedName: ""), csrf: "t"),
            ids: ["two-step-off"], absent: ["passkeys", "add-passkey", "passkey"]),
        ShownPage(
            "first look",
            AuthenticatorPage(
                frame: quiet, keyGroups: ["JBSW"], picture: QRPicture(rows: [[true]]), isWrongCode: false, csrf: "t"),
            ids: ["qr", "key", "code", "submit", "cancel"], absent: ["error"]),
        ShownPage(
            "without a picture",
            AuthenticatorPage(frame: quiet, keyGroups: ["JBSW"], picture: nil, isWrongCode: false, csrf: "t"),
            ids: ["key", "code"], absent: ["qr"]),
        ShownPage(
            "new codes", RecoveryCodesPage(frame: quiet, codes: ["0h3k"], isFirst: false, csrf: "t"),
            ids: ["codes", "save", "print", "done"], absent: ["end-others"]),
        ShownPage(
            "one session",
            AccountSessionsPage(
                frame: quiet, sessions: [AccountSessionsPage.example.sessions[0]], csrf: "t"),
            ids: ["sessions"], absent: ["end-others"]),
        ShownPage(
            "no apps", AccountAppsPage(frame: quiet, apps: [], csrf: "t"), ids: ["no-apps", "to-apps"]),
        ShownPage(
            "an app", AccountAppsPage(frame: quiet, apps: AccountAppsPage.example.apps, csrf: "t"), ids: [],
            absent: ["no-apps"]),
    ]

    private static let quiet = AccountFrame(
        accountEmail: "a@b.example", rootURL: "/account", pageURL: "/account", signOutURL: "/logout", warnAfter: nil)
}
