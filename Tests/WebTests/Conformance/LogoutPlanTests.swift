import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

/// The modules of `oidcc-rp-initiated-logout-certification-test-plan`.
@Suite("Conformance: RP-Initiated Logout OP", .spec("OpenID Connect RP-Initiated Logout"))
struct LogoutPlanTests {
    static let target = "https://suite.example/test/logged-out"

    /// A run whose person is signed in.
    private struct Signed {
        let run: ConformanceRun
        let tokens: ConformanceRun.Tokens

        init() async throws {
            run = try await ConformanceRun()
            tokens = try await run.signIn()
        }

        func logout(_ parameters: [String: String]) async -> Page {
            let query = parameters.map { "\($0.key)=\(FormParameters.encode($0.value))" }.sorted()
            return await run.browser.get("/logout" + (query.isEmpty ? "" : "?" + query.joined(separator: "&")))
        }

        /// What the suite ends with: nobody is signed in any more, or still.
        func isSignedIn() async throws -> Bool {
            let answer = try run.callback(await run.browser.get(run.request(["prompt": "none"])))
            #expect(answer[.code] != nil || answer[.error] == "login_required")
            return answer[.code] != nil
        }
    }

    @Test("oidcc-rp-initiated-logout")
    func logout() async throws {
        let signed = try await Signed()
        let page = await signed.logout([
            "id_token_hint": signed.tokens.idToken, "post_logout_redirect_uri": Self.target, "state": "a state&=1",
        ])
        #expect(page.location == Self.target + "?state=a%20state%26%3D1")
        #expect(try await !signed.isSignedIn())
    }

    @Test("oidcc-rp-initiated-logout-no-state")
    func noState() async throws {
        let signed = try await Signed()
        let page = await signed.logout([
            "id_token_hint": signed.tokens.idToken, "post_logout_redirect_uri": Self.target,
        ])
        #expect(page.location == Self.target)
        #expect(try await !signed.isSignedIn())
    }

    @Test(
        "Nobody is sent to another address",
        arguments: [
            (
                "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", "https://suite.example/test/elsewhere"
            ),
            ("oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", target + "?foo=bar"),
        ])
    func badTarget(_ module: String, _ target: String) async throws {
        let signed = try await Signed()
        let page = await signed.logout([
            "id_token_hint": signed.tokens.idToken, "post_logout_redirect_uri": target, "state": "s",
        ])
        signed.run.staysHere(page)
    }

    @Test(
        "A hint that proves nothing",
        arguments: ["oidcc-rp-initiated-logout-modified-id-token-hint", "oidcc-rp-initiated-logout-bad-id-token-hint"])
    func badHint(_ module: String) async throws {
        let signed = try await Signed()
        let parts = signed.tokens.idToken.split(separator: ".").map(String.init)
        let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        let foreign = try JWTSigner(key: try SigningKey.generate(), type: .jwt)
            .sign(JSONValue.object(signed.tokens.claims.members))
        let hint = module.contains("modified") ? "\(none).\(parts[1])." : foreign
        let page = await signed.logout(["id_token_hint": hint, "post_logout_redirect_uri": Self.target, "state": "s"])
        signed.run.staysHere(page)
        #expect(try await signed.isSignedIn())
    }

    @Test("oidcc-rp-initiated-logout-no-id-token-hint")
    func noHint() async throws {
        let signed = try await Signed()
        let page = await signed.logout(["post_logout_redirect_uri": Self.target, "state": "s"])
        #expect(page.location == nil)
        #expect(try await signed.isSignedIn())
    }

    @Test(
        "The person is asked",
        arguments: ["oidcc-rp-initiated-logout-no-params", "oidcc-rp-initiated-logout-only-state"])
    func nothing(_ module: String) async throws {
        let signed = try await Signed()
        let question = await signed.logout(module.hasSuffix("only-state") ? ["state": "s"] : [:])
        #expect(question.status == 200 && question.text.contains("id=\"sign-out\""))
        let done = await signed.run.browser.submit(question, ["decision": "sign-out"])
        #expect(done.status == 200 && done.location == nil && done.text.contains("id=\"signed-out\""))
        #expect(try await !signed.isSignedIn())
    }

    @Test("oidcc-rp-initiated-logout-no-post-logout-redirect-uri")
    func noTarget() async throws {
        let signed = try await Signed()
        let page = await signed.logout(["id_token_hint": signed.tokens.idToken])
        #expect(page.status == 200 && page.location == nil && page.text.contains("id=\"signed-out\""))
        #expect(try await !signed.isSignedIn())
    }
}
