public import AuthorizationServer
import HTTP
import JOSE
import JSON
import OAuthTypes
import Pages

/// The demo client as a relying party: makes the requests of a sign-in and keeps a log of them.
///
/// Its back-channel requests go through the same router as everybody's.
struct RelyingParty: Sendable {
    let environment: ServerEnvironment
    let access: DevelopmentAccess
    let backChannel: RequestResponder

    var redirectURI: String { DevelopmentAccess.redirectURI(of: environment.issuer) }

    /// Starts a run: fetches the metadata, makes state, nonce and proof key, and says where the browser goes.
    func begin(in browser: String) async -> (run: PlaygroundRun, location: String) {
        var run = PlaygroundRun(
            browser: browser,
            state: environment.newSecret(),
            nonce: environment.newSecret(),
            verifier: environment.newSecret()
        )
        _ = await call(.get, ServerMetadata.openIDPath, title: .discovery, in: &run)
        let parameters: [(Parameter, String)] = [
            (.responseType, "code"), (.clientID, access.clientID), (.redirectURI, redirectURI),
            (.scope, "openid profile email"), (.state, run.state), (.nonce, run.nonce),
            (.codeChallenge, SHA256.digest(of: run.verifier).base64URL), (.codeChallengeMethod, "S256"),
        ]
        let endpoint = environment.issuer.address(of: AuthorizationEndpoint.path)
        let location = endpoint + "?" + RelyingParty.encode(parameters)
        run.steps.append(
            PlaygroundRun.Step(
                title: .authorization,
                method: "GET",
                url: endpoint,
                request: parameters.map { "\($0.0.rawValue) = \($0.1)" }.joined(separator: "\n")
            )
        )
        return (run, location)
    }

    /// Takes the answer that the browser brought to the callback, and finishes the run.
    func finish(_ run: inout PlaygroundRun, answer: FormParameters) async {
        run.steps.append(
            PlaygroundRun.Step(
                title: .callback,
                method: "GET",
                url: redirectURI,
                request: answer.names.map(\.rawValue).sorted()
                    .map { "\($0) = \(answer[Parameter($0)] ?? "")" }.joined(separator: "\n")
            )
        )
        guard answer[.state] == run.state, answer[.issuer] == environment.issuer.url else {
            run.problem = .stateMismatch
            return
        }
        if let error = answer[.error] {
            run.problem = PlaygroundPage.Problem(code: error, message: answer[.errorDescription])
            return
        }
        let parameters: [(Parameter, String)] = [
            (.grantType, "authorization_code"), (.code, answer[.code] ?? ""), (.redirectURI, redirectURI),
            (.codeVerifier, run.verifier),
        ]
        await takeTokens(parameters, title: .token, in: &run)
        guard run.problem == nil, let tokens = run.tokens else { return }
        guard let idToken = tokens.idToken, verified(idToken)?.claims["nonce"]?.string == run.nonce else {
            run.problem = .invalidIDToken
            return
        }
        await readUserInfo(&run)
    }

    /// Spends the refresh token.
    func refresh(_ run: inout PlaygroundRun) async {
        guard let refreshToken = run.tokens?.refreshToken else { return }
        let parameters: [(Parameter, String)] = [(.grantType, "refresh_token"), (.refreshToken, refreshToken)]
        await takeTokens(parameters, title: .refreshing, in: &run)
        guard run.problem == nil else { return }
        await readUserInfo(&run)
    }

    private func takeTokens(
        _ parameters: [(Parameter, String)], title: PlaygroundPage.Step.Title, in run: inout PlaygroundRun
    ) async {
        let answer = await call(
            .post,
            TokenEndpoint.path,
            title: title,
            authorization: basicCredentials,
            form: parameters,
            in: &run
        )
        guard let accessToken = answer?["access_token"]?.string else {
            run.problem =
                answer?["error"]?.string.map {
                    PlaygroundPage.Problem(code: $0, message: answer?["error_description"]?.string)
                } ?? .invalidAnswer
            return
        }
        run.tokens = PlaygroundRun.Tokens(
            accessToken: accessToken,
            idToken: answer?["id_token"]?.string ?? run.tokens?.idToken,
            refreshToken: answer?["refresh_token"]?.string
        )
    }

    private func readUserInfo(_ run: inout PlaygroundRun) async {
        let authorization = "Bearer " + (run.tokens?.accessToken ?? "")
        let answer = await call(.get, UserInfoEndpoint.path, title: .asking, authorization: authorization, in: &run)
        run.userInfo = answer.map { PrettyJSON.text($0) }
    }

    private func verified(_ idToken: String) -> VerifiedJWT? {
        guard let keys = environment.keys.published else { return nil }
        let expectation = JWTExpectation(
            type: .exactly(.jwt),
            issuer: .exactly(environment.issuer.url),
            audience: .contains(access.clientID),
            now: environment.clock.now.seconds,
            leeway: 10
        )
        return try? VerifiedJWT(idToken, signedBy: keys, as: expectation)
    }

    private var basicCredentials: String {
        let pair = FormParameters.encode(access.clientID) + ":" + FormParameters.encode(access.clientSecret)
        return "Basic " + Base64.encode(Array(pair.utf8))
    }

    /// One back-channel request, logged; nil unless the answer is JSON.
    private func call(
        _ method: Method, _ path: String, title: PlaygroundPage.Step.Title, authorization: String? = nil,
        form: [(Parameter, String)] = [], in run: inout PlaygroundRun
    ) async -> JSONValue? {
        var headers: Headers = ["Host": String(environment.issuer.origin.drop { $0 != "/" }.dropFirst(2))]
        if let authorization { headers.set("Authorization", authorization) }
        if !form.isEmpty { headers.set("Content-Type", "application/x-www-form-urlencoded") }
        let request = Request(
            method,
            environment.issuer.path + path,
            headers: headers,
            body: Array(RelyingParty.encode(form).utf8)
        )
        let response = await backChannel(request)
        let json = try? JSONValue(parsing: response.body.bytes)
        let sent = (authorization.map { ["Authorization: \($0)"] } ?? []) + form.map { "\($0.0.rawValue) = \($0.1)" }
        run.steps.append(
            PlaygroundRun.Step(
                title: title,
                method: method == .get ? "GET" : "POST",
                url: environment.issuer.address(of: path),
                request: sent.joined(separator: "\n"),
                response: "\(response.status.rawValue)\n" + (json.map { PrettyJSON.text($0) } ?? "")
            )
        )
        return json
    }

    private static func encode(_ parameters: [(Parameter, String)]) -> String {
        parameters.map { "\($0.0.rawValue)=\(FormParameters.encode($0.1))" }.joined(separator: "&")
    }
}

extension DevelopmentAccess {
    /// Where the demo client takes answers: registered for it at start.
    public static func redirectURI(of issuer: Issuer) -> String { issuer.address(of: "/playground/callback") }

    /// Where the demo client has people return after sign-out: registered for it at start.
    public static func postLogoutRedirectURI(of issuer: Issuer) -> String { issuer.address(of: "/") }
}
