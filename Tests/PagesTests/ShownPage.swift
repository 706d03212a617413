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

    static func set() throws -> PageSet { try PageSet(directory: folder) }

    func html() throws -> String { String(decoding: try Self.set().render(page), as: UTF8.self) }

    static let all: [ShownPage] =
        PageSet.pages.map { ShownPage("with everything", $0.example, ids: []) } + signIn + consent + ends + development

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
            ShownPage(
                "not found", ErrorPage.notFound(supportCode: "A"), ids: ["error", "support-code"], absent: ["developer"]
            ),
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
}
