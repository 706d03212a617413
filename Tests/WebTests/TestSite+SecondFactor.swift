import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

extension TestSite {
    /// The secret of the person's authenticator app, as the set-up page wrote it.
    static func secret(on page: Page) throws -> [UInt8] {
        let start = try #require(page.text.firstRange(of: "<pre id=\"key\""))
        let rest = page.text[start.upperBound...]
        let text = try #require(rest.firstRange(of: "<code>")).upperBound
        var bits = 0
        var value = 0
        var bytes: [UInt8] = []
        for character in rest[text...].prefix(while: { $0 != "<" }) where character != " " {
            let digit = try #require("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".firstIndex(of: character))
            value =
                value << 5
                | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".distance(
                    from: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".startIndex, to: digit)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: value >> bits))
                value &= (1 << bits) - 1
            }
        }
        return bytes
    }

    /// What the app shows now.
    func code(_ secret: [UInt8]) throws -> String {
        try TOTP(secret: Secret(secret)).code(at: TOTP.step(at: clock.now))
    }

    /// Signs in to the account pages by password; answers the page that follows.
    func openAccount(_ browser: TestBrowser, _ path: String = "/account") async -> Page {
        let page = await browser.follow(environment.issuer.path + path)
        guard page.text.contains("id=\"password\"") else { return page }
        return await browser.follow(
            browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
    }

    /// Switches two-step verification on; answers the app's secret and the recovery codes.
    func turnOn(_ browser: TestBrowser) async throws -> (secret: [UInt8], codes: [String]) {
        let security = await openAccount(browser, "/account/security")
        let setUp = await browser.follow(browser.submit(security, [:]))
        let secret = try TestSite.secret(on: setUp)
        let shown = await browser.submit(setUp, ["code": try code(secret)])
        #expect(shown.status == 200)
        let codes = shown.text.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        #expect(codes.count == RecoveryCodes.count)
        // Its step is spent.
        clock.advance(by: .seconds(60))
        return (secret, codes)
    }

    /// Goes from an authorization request to the page that asks for the second factor.
    func passwordDone(_ browser: TestBrowser) async -> Page {
        let page = await browser.follow(authorize())
        return await browser.follow(
            browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
    }
}
