import AuthorizationServer
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing
import Web

@Suite("What pages and endpoints leave in the log of security events")
struct SecurityEventTests {
    /// The events so far, each as `action outcome` with who and with which client, the first first.
    private func events(_ test: TestSite) async throws -> [AuditEvent] {
        try await test.audit.flush()
        return try await test.environment.storage.audit.find(AuditSearch(), limit: 99).reversed()
    }

    /// In the order of the words: the clock stands still, so that events have no order.
    private func words(_ test: TestSite) async throws -> [String] {
        try await events(test).map { "\($0.action) \($0.outcome.rawValue)" }.sorted()
    }

    @Test func aSignInWithItsConsent() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        browser.headers.set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
        let page = await browser.follow(test.authorize())
        let wrong = await browser.submit(page, ["email": TestSite.email, "password": "another one"])
        #expect(wrong.status == 403)
        test.clock.advance(by: .seconds(1))
        #expect(await test.signIn(browser).answer?[.code] != nil)
        #expect(try await words(test) == ["consent succeeded", "sign_in refused", "sign_in succeeded"])
        let all = try await events(test)
        for event in all {
            #expect(event.subject == test.user.id && event.client == ClientID("shop"))
            #expect(event.network == "127.0.0.0/24" && event.requestID?.isEmpty == false)
            let personal = try #require(try await test.audit.personal(of: event))
            let members = try JSONObject(parsing: Array(personal.utf8))
            #expect(members["address"]?.string == "127.0.0.1")
            #expect(members["user_agent"]?.string?.contains("Firefox/128.0") == true)
        }
        for event in all {
            #expect(event.actor == (event.outcome == .refused ? .stranger : .person(test.user.id)))
        }
        #expect(all.compactMap(\.details) == [#"{"scope":"openid profile email"}"#])
    }

    @Test func aConsentThatIsRefused() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        let consent = await browser.follow(
            browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
        #expect(await browser.submit(consent, ["decision": "deny"]).answer?[Parameter("error")] == "access_denied")
        #expect(try await words(test) == ["consent refused", "sign_in succeeded"])
    }

    @Test func anUnknownAddressIsNotKept() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        _ = await browser.submit(page, ["email": "nobody@example.com", "password": "another one"])
        let event = try #require(try await events(test).first)
        #expect(event.action == "sign_in" && event.subject == nil && event.sealed == nil)
        #expect(event.details == nil && event.network == "127.0.0.0/24")
    }

    @Test func lockedOut() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        var last = page
        for _ in 0..<6 { last = await browser.submit(page, ["email": TestSite.email, "password": "another one"]) }
        #expect(last.status == 429)
        let words = try await words(test)
        #expect(words.count { $0 == "sign_in refused" } == 5 && words.count { $0 == "sign_in limited" } == 1)
    }

    @Test func theSecondFactorFromSetUpToOff() async throws {
        let test = try await TestSite(party: .first)
        let owner = TestBrowser(test)
        let (secret, codes) = try await test.turnOn(owner)
        let page = await test.passwordDone(TestBrowser(test))
        #expect(page.status == 200)
        let browser = TestBrowser(test)
        var step = await test.passwordDone(browser)
        step = await browser.submit(step, ["code": "000000"])
        test.clock.advance(by: .seconds(1))
        _ = await browser.submit(step, ["code": try test.code(secret), "remember": "yes"])
        test.clock.advance(by: .seconds(1))
        let other = TestBrowser(test)
        step = await test.passwordDone(other)
        step = await other.get(try #require(step.formAction) + "?with=recovery")
        _ = await other.submit(step, ["code": codes[0]])
        let words = try await words(test)
        for word in [
            "authenticator_added succeeded", "second_factor refused", "device_remembered succeeded",
            "recovery_code_used succeeded",
        ] { #expect(words.contains(word), "\(word)") }
        #expect(words.count { $0 == "sign_in succeeded" } == 3)
        let details = try await events(test).filter { $0.action == "sign_in" }.map(\.details)
        #expect(Set(details) == [nil, #"{"second_factor":"app"}"#, #"{"second_factor":"recovery"}"#])
    }

    @Test func signingOut() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        let page = await browser.get("/logout")
        #expect(try await !words(test).contains("sign_out succeeded"))
        _ = await browser.submit(page, ["decision": "sign-out"])
        #expect(try await words(test) == ["sign_in succeeded", "sign_out succeeded"])
    }

    @Test func whatAPersonChanges() async throws {
        let desk = try await MailDesk()
        let (test, browser) = (desk.test, desk.browser)
        let csrf = try #require(await test.openAccount(browser, "/account").hiddenFields["csrf"])
        _ = await browser.post("/account/name", ["csrf": csrf, "name": "Ada"])
        let email = await browser.get("/account/security/email")
        try await desk.deliver()
        let waiting = await browser.follow(browser.submit(email, ["email": "ada@new.example"]))
        let code = try MailDesk.code(try await desk.deliver())
        #expect(await browser.submit(waiting, ["code": code]).status == 200)
        let password = await browser.get("/account/security/password")
        let guessed = ["current": "wrong", "password": "seven purple lanterns"]
        #expect(await browser.submit(password, guessed).status == 403)
        let chosen = ["current": TestSite.password, "password": "seven purple lanterns whisper"]
        #expect(await browser.submit(password, chosen).status == 200)
        _ = await browser.submit(browser.get("/account/security/delete"), [:])
        let changed = try await words(test)
        #expect(
            changed == [
                "deletion_asked succeeded", "email_change_asked succeeded", "email_changed succeeded",
                "password_changed refused", "password_changed succeeded", "profile_changed succeeded",
                "sign_in succeeded",
            ])
        try await desk.deliver()
        let lines = desk.inbox.mails.flatMap { $0.message.content.text.split(separator: "\n").map(String.init) }
        for path in ["/account/keep", "/account/not-me"] {
            // The oldest: the one that went to the address before.
            let link = try #require(lines.last { $0.hasPrefix(MailDesk.issuer + path + "?") }, "\(path)")
            #expect(await browser.submit(browser.get(link), [:]).status == 200, "\(path)")
        }
        let undone = try await words(test).filter { !changed.contains($0) }
        #expect(
            undone == [
                "deletion_undone succeeded", "email_change_undone succeeded", "sign_in_disowned succeeded",
            ])
        #expect(Set(try await events(test).map(\.subject)) == [test.user.id])
    }

    @Test func aForgottenPasswordIsTheSameForUnknownAddresses() async throws {
        let desk = try await MailDesk()
        _ = await desk.browser.submit(desk.browser.get("/forgot-password"), ["email": "nobody@example.com"])
        let page = try await PasswordResetPageTests.open(desk)
        #expect(try await words(desk.test) == ["reset_asked succeeded", "reset_asked succeeded"])
        desk.test.clock.advance(by: .seconds(1))
        _ = await desk.browser.submit(page, ["password": "a brand new password"])
        #expect(
            try await words(desk.test) == [
                "password_reset succeeded", "reset_asked succeeded", "reset_asked succeeded",
            ])
        #expect(Set(try await events(desk.test).map(\.subject)) == [nil, desk.test.user.id])
    }

    @Test func whatIsUsedTwiceAndWhoIsNotTheClient() async throws {
        let test = try await TestSite(party: .first)
        let code = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        let tokens = await test.redeem(code).json
        #expect(await test.redeem(code).status == 400)
        #expect(
            await test.token(["grant_type": "client_credentials"], proof: .header("Basic c2hvcDp3cm9uZw==")).status
                == 401)
        let second = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        let refresh = try #require(await test.redeem(second).json["refresh_token"]?.string)
        _ = await test.refresh(refresh)
        test.clock.advance(by: .seconds(60))
        #expect(await test.refresh(refresh).status == 400)
        #expect(tokens["access_token"] != nil)
        let all = try await events(test)
        let replays = all.filter { $0.action.hasSuffix("_replayed") }
        #expect(Set(replays.map(\.action)) == ["code_replayed", "refresh_replayed"] && replays.count == 2)
        for replay in replays {
            #expect(replay.subject == test.user.id && replay.client == ClientID("shop"))
            #expect(replay.outcome == .refused)
        }
        #expect(all.count { $0.action == "client_refused" } == 1)
        #expect(!all.contains { $0.action == "tokens_issued" })
    }

    @Test("A replay is in the log also where strangers have filled what it takes of them")
    func aReplayIsNotCrowdedOut() async throws {
        let test = try await TestSite(party: .first)
        let code = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        _ = await test.redeem(code)
        for number in 0..<300 {
            test.audit.noteLater(
                .signIn, .refused,
                from: AuditOrigin(requestID: nil, address: nil, bytes: [10, 0, UInt8(number % 30), 1], userAgent: nil))
        }
        #expect(await test.redeem(code).status == 400)
        try await test.audit.flush()
        let log = test.environment.storage.audit
        let all = try await log.find(AuditSearch(), limit: 999)
        // The minute is full.
        #expect(all.count { $0.action == "sign_in" && $0.outcome == .refused } == 120)
        let replay = try #require(all.first { $0.action == "code_replayed" })
        #expect(replay.subject == test.user.id && replay.client == ClientID("shop") && replay.outcome == .refused)
    }

    @Test(arguments: [false, true])
    func tokensAreNotedWhereTheOperatorAsksForIt(_ isAsked: Bool) async throws {
        let test = try await TestSite(party: .first, notesTokens: isAsked)
        #expect(await test.token(["grant_type": "client_credentials"]).status == 200)
        let all = try await events(test)
        #expect(all.map(\.action) == (isAsked ? ["tokens_issued"] : []))
        guard let event = all.first else { return }
        #expect(event.actor == .client && event.client == ClientID("shop"))
        #expect(event.details == #"{"grant_type":"client_credentials"}"#)
    }

    @Test func nothingIsAcknowledgedThatCannotBeNoted() async throws {
        let storage = Storage.inMemory()
        let log = BrokenLog(base: storage.audit)
        let test = try await TestSite(party: .first, storage: storage.replacing(\.audit, by: log))
        let browser = TestBrowser(test)
        let answer = await test.signIn(browser)
        #expect(answer.status >= 500 && browser.cookies["__Host-martlet-session"] == nil)
        #expect(test.failures.texts.contains { $0.contains("on purpose") })
    }

    @Test func noSecondFactorIsThereOfWhichNobodyHears() async throws {
        let storage = Storage.inMemory()
        let log = BrokenLog(base: storage.audit)
        let test = try await TestSite(party: .first, storage: storage.replacing(\.audit, by: log))
        log.isBroken.withLock { $0 = false }
        let browser = TestBrowser(test)
        let security = await test.openAccount(browser, "/account/security")
        let setUp = await browser.follow(browser.submit(security, [:]))
        let secret = try TestSite.secret(on: setUp)
        var key = try TestSite.authenticator()
        let factors = storage.secondFactors
        log.isBroken.withLock { $0 = true }
        #expect(await browser.submit(setUp, ["code": try test.code(secret)]).status >= 500)
        #expect(try await factors.authenticators.find(test.user.id)?.confirmedAt == nil)
        #expect(try await test.addPasskey(browser, &key).status >= 500)
        #expect(try await factors.passkeys.list(of: test.user.id).isEmpty)
        log.isBroken.withLock { $0 = false }
        #expect(try await test.addPasskey(browser, &key).status == 200)
        #expect(try await factors.passkeys.list(of: test.user.id).count == 1)
    }
}

/// A log that takes nothing, unless it is told to.
private final class BrokenLog: AuditStore {
    let base: any AuditStore
    let isBroken = Locked(true)
    private let failure = StorageError.failed("on purpose")

    init(base: any AuditStore) { self.base = base }

    func append(_ events: [AuditEvent]) async throws {
        if isBroken.withLock({ $0 }) { throw failure }
        try await base.append(events)
    }
    func unlinked(limit: Int) async throws -> [AuditEvent] { throw failure }
    func head() async throws -> AuditLink? { throw failure }
    func link(_ links: [AuditLink]) async throws -> Bool { throw failure }
    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent] { throw failure }
    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent] { throw failure }
    func place(before moment: Timestamp) async throws -> Int64? { throw failure }
    func add(_ checkpoint: AuditCheckpoint) async throws { throw failure }
    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] { throw failure }
    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint? { throw failure }
    func prune(through sequence: Int64, limit: Int) async throws -> Int { throw failure }
}
