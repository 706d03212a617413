import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing
import Web

/// What the three plans about the end of a session share: a person who is signed in at the suite, and signs out there.
private struct SignedIn {
    let run: ConformanceRun
    let tokens: ConformanceRun.Tokens
    let answer: FormParameters

    init(offersSessionManagement: Bool = false, _ change: (inout ClientMetadata) -> Void) async throws {
        run = try await ConformanceRun { $0.offersSessionManagement = offersSessionManagement }
        try await run.change { change(&$0.metadata) }
        answer = try await run.authorize()
        tokens = try await run.redeem(try #require(answer[.code]))
    }

    func logout() async -> Page {
        let target = FormParameters.encode(LogoutPlanTests.target)
        return await run.browser.get(
            "/logout?id_token_hint=\(tokens.idToken)&post_logout_redirect_uri=\(target)&state=s1")
    }

    /// What each of these modules ends with.
    func isSignedIn() async throws -> Bool {
        let answer = try run.callback(await run.browser.get(run.request(["prompt": "none"])))
        #expect(answer[.code] != nil || answer[.error] == "login_required")
        return answer[.code] != nil
    }

    static func metadata(offersSessionManagement: Bool = false) async throws -> JSONValue {
        let run = try await ConformanceRun { $0.offersSessionManagement = offersSessionManagement }
        return await run.browser.get("/.well-known/openid-configuration").json
    }
}

/// The modules of `oidcc-frontchannel-rp-initiated-logout-certification-test-plan`.
@Suite("Conformance: Front-Channel Logout OP", .spec("OpenID Connect Front-Channel Logout"))
struct FrontChannelPlanTests {
    @Test("oidcc-frontchannel-logout-discovery-endpoint-verification")
    func discovery() async throws {
        let metadata = try await SignedIn.metadata()
        #expect(metadata["frontchannel_logout_supported"] == true)
        #expect(metadata["frontchannel_logout_session_supported"] == true)
        #expect(metadata["end_session_endpoint"]?.string?.hasPrefix("https://") == true)
    }

    @Test("oidcc-frontchannel-rp-initiated-logout")
    func logout() async throws {
        let signed = try await SignedIn {
            $0.frontchannelLogoutURI = WebAddress("https://suite.example/test/frontchannel_logout")
            $0.frontchannelLogoutSessionRequired = true
        }
        let page = await signed.logout()
        #expect(page.status == 200 && page.location == nil)
        let address = try #require(page.attribute("<iframe hidden title=\"Sign-out of an app\" src=\""))
        let parts = address.split(separator: "?")
        #expect(parts.first == "https://suite.example/test/frontchannel_logout")
        let query = try FormParameters(decoding: Array(try #require(parts.last).utf8))
        #expect(Set(query.names.map(\.rawValue)) == ["iss", "sid"])
        #expect(query[Parameter("iss")] == "https://id.example")
        #expect(query[Parameter("sid")] == signed.tokens.claims["sid"]?.string)
        // Without a script, and by a link.
        let target = LogoutPlanTests.target + "?state=s1"
        #expect(page.response.headers["Refresh"] == "1; url=\(target)")
        #expect(page.attribute("<a id=\"continue\" class=\"button primary\" href=\"") == target)
        let policy = try #require(page.response.headers["Content-Security-Policy"])
        #expect(policy.contains("frame-src https://suite.example;") && policy.contains("frame-ancestors 'none'"))
        #expect(try await !signed.isSignedIn())
    }

    @Test("Other pages frame nobody, and a sign-out that no client frames goes on at once", .spec("L-13"))
    func nobodyElse() async throws {
        let signed = try await SignedIn { _ in }
        let question = await signed.run.browser.get("/logout")
        #expect(question.response.headers["Content-Security-Policy"]?.contains("frame-src") == false)
        #expect(await signed.logout().location == LogoutPlanTests.target + "?state=s1")
    }

    @Test("A person who signs out by themselves has it done at the clients too")
    func byThemselves() async throws {
        let signed = try await SignedIn {
            $0.frontchannelLogoutURI = WebAddress("https://suite.example/test/frontchannel_logout?a=1&b=2")
        }
        let question = await signed.run.browser.get("/logout")
        let page = await signed.run.browser.submit(question, ["decision": "sign-out"])
        #expect(page.text.contains("id=\"signed-out\"") && !page.text.contains("id=\"goes-on\""))
        #expect(
            page.attribute("<iframe hidden title=\"Sign-out of an app\" src=\"")
                == "https://suite.example/test/frontchannel_logout?a=1&b=2")
        #expect(page.response.headers["Refresh"] == nil)
    }
}

/// The modules of `oidcc-backchannel-rp-initiated-logout-certification-test-plan`.
@Suite("Conformance: Back-Channel Logout OP", .spec("OpenID Connect Back-Channel Logout"))
struct BackChannelPlanTests {
    private final class Suite: LogoutTransport {
        let calls = Mutex<[(address: String, form: FormParameters)]>([])

        func post(_ form: [UInt8], to address: WebAddress, of client: Client) async throws -> Int {
            let form = try FormParameters(decoding: form)
            calls.withLock { $0.append((address.rawValue, form)) }
            return 200
        }
    }

    @Test("oidcc-backchannel-logout-discovery-endpoint-verification")
    func discovery() async throws {
        let metadata = try await SignedIn.metadata()
        #expect(metadata["backchannel_logout_supported"] == true)
        #expect(metadata["backchannel_logout_session_supported"] == true)
        #expect(metadata["end_session_endpoint"]?.string?.hasPrefix("https://") == true)
    }

    @Test("oidcc-backchannel-rp-initiated-logout", arguments: [true, false])
    func logout(_ needsSession: Bool) async throws {
        let signed = try await SignedIn {
            $0.backchannelLogoutURI = WebAddress("https://suite.example/test/backchannel_logout")
            $0.backchannelLogoutSessionRequired = needsSession
        }
        #expect(await signed.logout().location == LogoutPlanTests.target + "?state=s1")
        let (environment, suite) = (signed.run.test.environment, Suite())
        let courier = LogoutCourier(environment, transport: suite) { _, _ in }
        for client in try await courier.waiting() { _ = try await courier.deliver(to: client) }
        let calls = suite.calls.withLock { $0 }
        #expect(calls.map(\.address) == ["https://suite.example/test/backchannel_logout"])
        let form = try #require(calls.first?.form)
        #expect(form.names.map(\.rawValue) == ["logout_token"])
        let text = try #require(form[Parameter("logout_token")])
        let jwt = try UnverifiedJWT(parsing: text)
        #expect(jwt.header.algorithm == signed.tokens.header.algorithm && jwt.header.type == "logout+jwt")
        let claims = try VerifiedJWT(
            text, signedBy: try #require(environment.keys.published),
            as: JWTExpectation(
                type: .exactly(LogoutToken.type), issuer: .exactly("https://id.example"), audience: .contains("suite"),
                now: signed.run.test.clock.now.seconds, leeway: 0)
        ).claims
        #expect(abs(signed.run.test.clock.now.seconds - (claims.issuedAt ?? 0)) <= 300)
        #expect(claims["jti"]?.string?.isEmpty == false)
        #expect(claims["events"]?.object?.map(\.name) == ["http://schemas.openid.net/event/backchannel-logout"])
        #expect(claims["events"]?["http://schemas.openid.net/event/backchannel-logout"]?.object?.isEmpty == true)
        #expect(claims.subject == signed.tokens.claims.subject && claims["sid"] == signed.tokens.claims["sid"])
        #expect(claims["nonce"] == nil)
        #expect(try await !signed.isSignedIn())
    }
}

/// The modules of `oidcc-session-management-certification-test-plan`; what the frame answers, a browser test sees.
@Suite("Conformance: Session Management OP", .spec("OpenID Connect Session Management"))
struct SessionManagementPlanTests {
    @Test("oidcc-session-management-discovery-endpoint-verification")
    func discovery() async throws {
        let metadata = try await SignedIn.metadata(offersSessionManagement: true)
        #expect(metadata["check_session_iframe"]?.string == "https://id.example/check-session")
        #expect(metadata["end_session_endpoint"]?.string?.hasPrefix("https://") == true)
        #expect(try await SignedIn.metadata()["check_session_iframe"] == nil)
    }

    /// What the script of the frame reads and compares.
    private func isUnchanged(_ state: String?, _ browser: TestBrowser) throws -> Bool {
        let parts = try #require(state).split(separator: ".")
        let cookie = browser.cookies["__Host-martlet-state"] ?? ""
        return SHA256.digest(of: "suite https://suite.example \(cookie) \(parts[1])").base64URL == parts[0]
    }

    @Test("oidcc-session-management-rp-initiated-logout")
    func logout() async throws {
        let signed = try await SignedIn(offersSessionManagement: true) { _ in }
        let state = signed.answer[.sessionState]
        #expect(try isUnchanged(state, signed.run.browser))
        // Also after a silent answer, whose salt is another one.
        let again = try signed.run.callback(await signed.run.browser.get(signed.run.request(["prompt": "none"])))
        #expect(again[.sessionState] != state)
        #expect(try isUnchanged(state, signed.run.browser) && isUnchanged(again[.sessionState], signed.run.browser))
        _ = await signed.logout()
        #expect(signed.run.browser.cookies["__Host-martlet-state"] == nil)
        #expect(try !isUnchanged(state, signed.run.browser))
        #expect(try await !signed.isSignedIn())
    }

    @Test("The frame is the one page that others may frame, and its script the one thing that it loads", .spec("L-20"))
    func frame() async throws {
        let signed = try await SignedIn(offersSessionManagement: true) { _ in }
        let frame = await signed.run.browser.get("/check-session")
        #expect(frame.status == 200 && frame.response.headers["Set-Cookie"] == nil)
        #expect(frame.response.headers["X-Frame-Options"] == nil)
        #expect(
            frame.response.headers["Content-Security-Policy"]
                == "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors https:")
        let script = try #require(frame.attribute("<script src=\""))
        #expect(
            await signed.run.browser.get(script).response.headers["Content-Type"]?.hasPrefix("text/javascript") == true)
        let other = await signed.run.browser.get("/account")
        #expect(other.response.headers["X-Frame-Options"] == "DENY")
    }

    @Test("A session that ended elsewhere is no state any more once the browser asks", .spec("Session Management §3.2"))
    func endsElsewhere() async throws {
        let signed = try await SignedIn(offersSessionManagement: true) { _ in }
        let browser = signed.run.browser
        let state = signed.answer[.sessionState]
        let session = browser.cookies["__Host-martlet-session"]
        // A frame on another site sends no cookie of the session: nothing changes.
        browser.cookies["__Host-martlet-session"] = nil
        _ = await browser.get(signed.run.request(["prompt": "none"]))
        #expect(browser.cookies["__Host-martlet-state"] != nil)
        // One that we never gave out is no session.
        browser.cookies["__Host-martlet-session"] = "invented"
        _ = await browser.get(signed.run.request(["prompt": "none"]))
        #expect(browser.cookies["__Host-martlet-state"] == nil)
        _ = await browser.get(signed.run.request(["prompt": "none"]))
        #expect(browser.cookies["__Host-martlet-state"] == nil)
        // Its own brings the same state again.
        browser.cookies["__Host-martlet-session"] = session
        _ = await browser.get(signed.run.request(["prompt": "none"]))
        #expect(try isUnchanged(state, browser))
    }

    @Test("What scripts can read is set and removed with the session's cookie, and not where it is not offered")
    func cookie() async throws {
        let signed = try await SignedIn(offersSessionManagement: true) { _ in }
        let browser = signed.run.browser
        let first = try #require(browser.cookies["__Host-martlet-state"])
        // A browser whose session is older than the setting gets it with its next request.
        browser.cookies["__Host-martlet-state"] = nil
        let page = await browser.get(signed.run.request(["prompt": "none"]))
        #expect(browser.cookies["__Host-martlet-state"] == first)
        let line = try #require(
            page.response.headers.values(of: "Set-Cookie").first { $0.hasPrefix("__Host-martlet-state=") })
        #expect(line.contains("SameSite=None") && line.contains("Secure") && !line.contains("HttpOnly"))
        // Another sign-in, another state.
        _ = await signed.run.act(await browser.get(signed.run.request(["prompt": "login"])))
        #expect(browser.cookies["__Host-martlet-state"] != first)
        let plain = try await SignedIn { _ in }
        #expect(plain.answer[.sessionState] == nil && plain.run.browser.cookies["__Host-martlet-state"] == nil)
        #expect(await plain.run.browser.get("/check-session").status == 404)
    }
}

/// The modules of `oidcc-3rdparty-init-login-certification-test-plan`.
@Suite("Conformance: Third-party-initiated login OP", .spec("OpenID Connect Core §4"))
struct ThirdPartyPlanTests {
    private func register(_ test: TestSite, _ address: String) async -> Page {
        let body = #"{"redirect_uris": ["https://suite.example/cb"], "initiate_login_uri": "\#(address)"}"#
        let request = Request(
            .post, "/register", headers: ["Content-Type": "application/json"], body: Array(body.utf8))
        return Page(response: await test.site.respond(to: request))
    }

    @Test("oidcc-3rd_party-init-login")
    func isEchoed() async throws {
        let test = try await TestSite(registration: try RegistrationPolicy(["access": "open"]))
        let made = await register(test, "https://suite.example/init")
        #expect(made.status == 201 && made.json["initiate_login_uri"]?.string == "https://suite.example/init")
        let uri = try #require(made.json["registration_client_uri"]?.string)
        let token = try #require(made.json["registration_access_token"]?.string)
        let request = Request(
            .get, String(uri.dropFirst("https://id.example".count)), headers: ["Authorization": "Bearer " + token])
        let read = Page(response: await test.site.respond(to: request))
        #expect(read.status == 200 && read.response.headers["Content-Type"] == "application/json")
        #expect(read.json["initiate_login_uri"]?.string == "https://suite.example/init")
    }

    @Test("oidcc-3rd_party-init-login-nohttps")
    func needsHTTPS() async throws {
        let test = try await TestSite(registration: try RegistrationPolicy(["access": "open"]))
        let refused = await register(test, "http://suite.example/init")
        #expect(refused.status == 400 && refused.json["error"]?.string == "invalid_client_metadata")
        #expect(await register(test, "https://suite.example/init").status == 201)
    }
}
