import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("People tell of themselves on a page of their account", .spec("OpenID Connect Core §5.1"))
struct ProfilePageTests {
    private static let typed = [
        "given_name": " Ada ", "family_name": "Lovelace", "middle_name": "King", "nickname": "Al",
        "preferred_username": "ada", "gender": "female", "birthdate": "1815-12-10",
        "picture": "https://ada.example/me.png", "profile": "https://ada.example/",
        "website": "http://ada.example/b?c=1",
        "locale": "en-GB", "zoneinfo": "Europe/London", "phone_number": "+44 (20) 7946-0000",
        "street_address": "12 St James's Square\r\nFlat 3", "postal_code": "SW1Y 4JH", "locality": "London",
        "region": "England", "country": "UK", "tag": "ja-Kana-JP", "translated_name": "",
        "translated_given_name": "エイダ",
        "translated_family_name": "ラヴレス",
    ]

    private static func signedIn(_ test: TestSite) async -> TestBrowser {
        let browser = TestBrowser(test)
        let page = await browser.follow("/account/sign-in")
        _ = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        return browser
    }

    @Test func everythingThatIsTypedIsToldAndShownAgain() async throws {
        let test = try await TestSite(party: .first, scopes: TestSite.everyScope)
        let browser = await Self.signedIn(test)
        let page = await browser.get("/account/profile")
        #expect(page.status == 200)
        let saved = await browser.follow(browser.submit(page, Self.typed))
        #expect(saved.status == 200 && saved.text.contains("id=\"saved\""))
        #expect(saved.text.contains("value=\"+442079460000\"") && saved.text.contains("value=\"エイダ\""))
        let answer = await test.signIn(
            browser, ["scope": TestSite.everyScope.description, "claims_locales": "ja-Kana-JP"])
        let tokens = await test.redeem(try #require(answer.answer?[.code]))
        let told = await test.userInfo(try #require(tokens.json["access_token"]?.string)).json
        #expect(told["given_name"]?.string == "Ada")
        #expect(told["given_name#ja-Kana-JP"]?.string == "エイダ")
        #expect(told["name#ja-Kana-JP"] == nil)
        #expect(told["phone_number"]?.string == "+442079460000")
        #expect(told["address"]?.object?["street_address"]?.string == "12 St James's Square\nFlat 3")
        for claim in StandardClaim.allCases { #expect(told[claim.rawValue] != nil, "\(claim)") }
        #expect(test.failures.texts.isEmpty)

        // The page as it is shown can be saved again, and what is taken out is gone.
        let fields = Self.typed.merging([
            "birthdate": "", "tag": "", "translated_given_name": "", "translated_family_name": "",
        ]) {
            $1
        }
        #expect(await browser.submit(saved, fields).status == 303)
        let details = try await test.environment.storage.profiles.find(test.user.id)
        #expect(details?[.birthdate] == nil && details?.translations.isEmpty == true)
        #expect(details?[.givenName] == "Ada")
    }

    @Test(arguments: [
        ("birthdate", "10.12.1815"), ("birthdate", "1815-13-01"), ("birthdate", "1815-02-30"), ("birthdate", "0000"),
        ("birthdate", "1815-2-3"), ("picture", "javascript:alert(1)"), ("picture", "ada.example"),
        ("website", "https://"), ("profile", "https://ada.example/\"><script>"), ("locale", "english language"),
        ("zoneinfo", "Europe/Lon don"), ("zoneinfo", "../etc"), ("phone_number", "020 7946 0000"),
        ("phone_number", "+1"), ("given_name", "a\u{7}b"), ("given_name", String(repeating: "x", count: 201)),
        ("tag", "not a tag"),
    ])
    func whatCannotBeKeptIsShownWithItsMistake(_ field: String, _ text: String) async throws {
        let test = try await TestSite()
        let browser = await Self.signedIn(test)
        let page = await browser.get("/account/profile")
        let again = await browser.submit(page, Self.typed.merging([field: text]) { $1 })
        #expect(again.status == 422)
        #expect(
            again.text.contains("id=\"\(field)-error\"") && again.text.contains("aria-describedby=\"\(field)-error\""))
        #expect(!again.text.contains("\"><script>"))
        #expect(try await test.environment.storage.profiles.find(test.user.id) == nil)
        #expect(await browser.submit(again, Self.typed).status == 303)
    }

    @Test(arguments: ["2000-02-29", "0000-02-29", "1999"])
    func aDayMayLackItsYear(_ text: String) {
        #expect(ProfileRules.fit(text, for: .birthdate) == text)
        #expect(ProfileRules.fit("1900-02-29", for: .birthdate) == nil)
    }

    @Test func aStrangersFormChangesNothing() async throws {
        let test = try await TestSite()
        let browser = await Self.signedIn(test)
        #expect(await browser.post("/account/profile", Self.typed.merging(["csrf": "x"]) { $1 }).status == 403)
        #expect(try await test.environment.storage.profiles.find(test.user.id) == nil)
    }
}
