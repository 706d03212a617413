public import AuthorizationServer
import HTTP
import JOSE
import JSON
import OAuthTypes
import Pages

/// The home page of development mode and the playground: a real code + PKCE sign-in, as a relying party does it.
struct PlaygroundRoutes: Sendable {
    let answers: PageAnswers
    let environment: ServerEnvironment
    let relyingParty: RelyingParty
    let runs = PlaygroundRuns()

    init(
        _ parts: Site.Parts, _ answers: PageAnswers, _ access: DevelopmentAccess,
        backChannel: @escaping RequestResponder
    ) {
        self.answers = answers
        environment = parts.environment
        relyingParty = RelyingParty(environment: parts.environment, access: access, backChannel: backChannel)
    }

    var routes: [Route] {
        [
            Route(.get, "/") { request in answers.elsewhere(request) ?? home(request) },
            Route(.get, "/playground/start") { request in
                if let response = answers.elsewhere(request) { return response }
                return await start(request)
            },
            Route(.get, "/playground/callback") { await finish($0) },
            Route(.get, "/playground") { show($0) },
            Route(.post, "/playground/refresh") { await refresh($0) },
        ]
    }

    private func home(_ request: Request) -> Response {
        let issuer = environment.issuer
        let access = relyingParty.access
        let page = HomePage(
            issuer: issuer.url,
            discoveryURL: issuer.address(of: ServerMetadata.openIDPath),
            playgroundURL: issuer.path + "/playground/start",
            accountURL: issuer.path + AccountPlace.root,
            clientID: access.clientID,
            clientSecret: access.clientSecret,
            redirectURI: relyingParty.redirectURI,
            userEmail: access.email,
            userPassword: access.password,
            curlCommand: access.curlCommand(issuer)
        )
        return answers.page(page, for: request)
    }

    private func start(_ request: Request) async -> Response {
        let browser = browser(of: request) ?? environment.newSecret()
        let (run, location) = await relyingParty.begin(in: browser)
        runs.keep(run)
        var response = answers.leave(to: location)
        response.setCookie(
            SetCookie(
                name: PlaygroundRoutes.cookie,
                value: browser,
                path: environment.issuer.path + "/playground",
                secure: environment.issuer.isSecure
            )
        )
        return response
    }

    private func finish(_ request: Request) async -> Response {
        guard let answer = try? FormParameters(decoding: request.query), let state = answer[.state],
            var run = run(state, of: request), run.tokens == nil
        else { return answers.redirect(to: "/playground") }
        await relyingParty.finish(&run, answer: answer)
        runs.keep(run)
        return answers.redirect(to: PlaygroundRoutes.path(of: run))
    }

    private func refresh(_ request: Request) async -> Response {
        guard var run = run(named(in: request), of: request),
            OwnForm(request, purpose: "playground", browser: run.browser, environment) != nil
        else { return answers.forbidden(for: request) }
        await relyingParty.refresh(&run)
        runs.keep(run)
        return answers.redirect(to: PlaygroundRoutes.path(of: run))
    }

    private func show(_ request: Request) -> Response {
        guard let run = run(named(in: request), of: request) else { return answers.redirect(to: "/") }
        let path = environment.issuer.path
        var signOut: String?
        if let idToken = run.tokens?.idToken {
            let target = DevelopmentAccess.postLogoutRedirectURI(of: environment.issuer)
            signOut =
                path + EndSessionEndpoint.path + "?id_token_hint=\(idToken)&post_logout_redirect_uri="
                + FormParameters.encode(target)
        }
        let found: [(PlaygroundPage.Token.Kind, String?)] = [
            (.id, run.tokens?.idToken), (.access, run.tokens?.accessToken),
        ]
        let tokens = found.compactMap { kind, token in
            token.map { PlaygroundPage.Token(kind, header: decoded($0, 0), payload: decoded($0, 1)) }
        }
        let page = PlaygroundPage(
            problem: run.problem,
            steps: run.steps.map {
                PlaygroundPage.Step(
                    title: $0.title,
                    method: $0.method,
                    url: $0.url,
                    request: $0.request,
                    response: $0.response
                )
            },
            tokens: tokens,
            userInfo: run.userInfo,
            refresh: run.tokens?.refreshToken.map { _ in
                PlaygroundPage.Refresh(
                    action: path + "/playground/refresh?run=" + run.state,
                    csrf: environment.formTokens.token(for: "playground", browser: run.browser)
                )
            },
            startURL: path + "/playground/start",
            signOutURL: signOut
        )
        return answers.page(page, for: request)
    }

    private static let cookie = "martlet-playground"

    private static func path(of run: PlaygroundRun) -> String { "/playground?run=" + run.state }

    private func named(in request: Request) -> String? {
        (try? FormParameters(decoding: request.query))?[Parameter("run")]
    }

    private func browser(of request: Request) -> String? { (try? request.cookie(PlaygroundRoutes.cookie)) ?? nil }

    private func run(_ state: String?, of request: Request) -> PlaygroundRun? {
        browser(of: request).flatMap { runs.find(state, of: $0) }
    }

    /// One segment of a JWT for people; the verification has happened before.
    private func decoded(_ token: String, _ segment: Int) -> String {
        let segments = token.split(separator: ".")
        guard segments.count == 3, let bytes = Base64URL.decode(String(segments[segment])),
            let value = try? JSONValue(parsing: bytes)
        else { return token }
        return PrettyJSON.text(value)
    }
}

extension DevelopmentAccess {
    /// A command that gets the demo client a token.
    public func curlCommand(_ issuer: Issuer) -> String {
        "curl -u '\(clientID):\(clientSecret)' -d grant_type=client_credentials \(issuer.address(of: TokenEndpoint.path))"
    }
}
