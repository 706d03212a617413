import AuthorizationServer
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Error pages, and what programs get in their place", .spec("RFC 9110 §15", "RFC 9457"))
struct ErrorPageTests {
    private struct Wish: Sendable, CustomTestStringConvertible {
        let status: Int
        let titles: [String: String]
        var testDescription: String { "\(status)" }
    }

    private static let wishes = [
        Wish(
            status: 400,
            titles: ["en": "This sign-in link does not work", "de": "Dieser Anmeldelink funktioniert nicht"]),
        Wish(status: 403, titles: ["en": "This form could not be accepted", "de": "Dieses Formular"]),
        Wish(status: 404, titles: ["en": "There is no such page", "de": "Diese Seite gibt es nicht"]),
        Wish(status: 405, titles: ["en": "That does not work here", "de": "Das geht hier nicht"]),
        Wish(status: 413, titles: ["en": "That was too much at once", "de": "Das war zu viel auf einmal"]),
        Wish(status: 429, titles: ["en": "Too many", "de": "Zu viele"]),
        Wish(
            status: 500, titles: ["en": "Something went wrong on our side", "de": "Bei uns ist etwas schiefgegangen"]),
        Wish(status: 503, titles: ["en": "We are busy right now", "de": "Im Augenblick sind wir überlastet"]),
    ]

    /// An answer of that status, as a browser with that language gets it.
    private func answer(_ status: Int, _ language: String) async throws -> Page {
        let fault: (any Error)? = status == 500 ? Breakage() : status == 503 ? StorageError.busy : nil
        let storage = Storage.inMemory()
        let test = try await TestSite(
            storage: storage.replacing(\.sessions, by: FailingSessions(base: storage.sessions, fault: fault)))
        let browser = TestBrowser(test)
        browser.headers = ["Accept-Language": language]
        func whole() -> Request { Request(.post, "/account/sign-in", headers: ["Accept-Language": language], body: []) }
        switch status {
        case 400: return await browser.get("/authorize?client_id=nobody")
        case 403: return await browser.post("/account/sign-in", [:])
        case 404: return await browser.get("/nowhere")
        case 405: return await browser.post("/account", [:])
        case 413: return Page(response: test.site.tooLarge(for: whole()))
        case 429:
            var page = await browser.follow("/account")
            let typed = ["email": TestSite.email, "password": "another one"]
            for _ in 0..<6 { page = await browser.submit(page, typed) }
            return page
        default:
            browser.cookies["__Host-martlet-session"] = "AAAA"
            return await browser.get("/account")
        }
    }

    private struct Breakage: Error {}

    private struct FailingSessions: SessionStore {
        let base: any SessionStore
        let fault: (any Error)?

        func start(_ session: Session, replacing old: TokenDigest?) async throws {
            try await base.start(session, replacing: old)
        }

        func renew(_ session: Session, from old: TokenDigest, at now: Timestamp) async throws -> Bool {
            try await base.renew(session, from: old, at: now)
        }

        func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
            if let fault { throw fault }
            return try await base.find(digest, at: now)
        }

        func find(_ id: SessionID, of user: UserID, at now: Timestamp) async throws -> Session? {
            try await base.find(id, of: user, at: now)
        }

        func touch(
            _ digest: TokenDigest, from network: String?, at now: Timestamp, unlessSince moment: Timestamp
        ) async throws {
            try await base.touch(digest, from: network, at: now, unlessSince: moment)
        }

        func list(of user: UserID, at now: Timestamp) async throws -> [Session] {
            try await base.list(of: user, at: now)
        }

        func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
            try await base.end(digest, at: now)
        }

        func endAll(of user: UserID, except digest: TokenDigest?, at now: Timestamp) async throws -> Int {
            try await base.endAll(of: user, except: digest, at: now)
        }

        func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
            try await base.sweep(expiredBy: now, limit: limit)
        }
    }

    @Test("Each says in the reader's language what happened and what to do", arguments: wishes, ["en", "de"])
    private func pages(_ wish: Wish, _ language: String) async throws {
        let page = try await answer(wish.status, language)
        #expect(page.status == wish.status)
        #expect(page.text.contains("<html lang=\"\(language)\">"))
        #expect(page.text.contains(try #require(wish.titles[language])), "\(page.text)")
        #expect(page.text.contains("id=\"error\""))
        #expect(page.response.headers["Cache-Control"]?.contains("no-store") == true)
        let isLater = wish.status == 429 || wish.status == 503
        #expect((page.response.headers["Retry-After"] != nil) == isLater)
    }

    @Test("Programs get the JSON of their endpoint in place of a page", arguments: ["/token", "/v1/auth/login"])
    func programs(_ path: String) async throws {
        let test = try await TestSite()
        let request = Request(.post, path, headers: ["Accept-Language": "de"], body: [])
        let answers = [(test.site.tooLarge(for: request), 413), (test.site.busy(for: request), 503)]
        for (response, status) in answers {
            let page = Page(response: response)
            #expect(page.status == status)
            let type = response.headers["Content-Type"]
            #expect(type == (path == "/token" ? "application/json" : "application/problem+json"))
            #expect(try JSONObject(parsing: Array(page.text.utf8)).isEmpty == false)
            #expect((response.headers["Retry-After"] != nil) == (status == 503))
        }
        #expect(Page(response: test.site.busy(for: Request(.get, "/account"))).text.contains("<html"))
    }

    @Test("Every page that says wait says for how long")
    func retryAfter() async throws {
        let desk = try await MailDesk()
        let page = await desk.browser.get("/forgot-password")
        var last = page
        for number in 0..<40 where last.status == 200 {
            last = await desk.browser.submit(page, ["email": "\(number)@example.com"])
        }
        #expect(last.status == 429)
        #expect(last.response.headers["Retry-After"] == "301" && last.text.contains("data-seconds=\"301\""))
    }
}
