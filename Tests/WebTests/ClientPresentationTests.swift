import AuthorizationServer
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("What a client shows of itself on the consent page", .spec("RFC 7591 §2", "R-15", "R-16", "X-01"))
struct ClientPresentationTests {
    static let logo = "https://suite.example/logo.png"
    /// A PNG of three by two pixels.
    static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [0, 0, 0, 13] + Array("IHDR".utf8)
        + [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0] + [1, 2, 3, 4]
        + [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]

    /// The consent page of a client that registered with these members.
    static func consent(
        _ run: inout DynamicRun, _ members: JSONObject, _ changes: [String: String?] = [:]
    ) async throws -> Page {
        _ = try await run.become(members)
        let page = await run.run.browser.follow(run.run.request(changes))
        let person = ["email": TestSite.email, "password": TestSite.password]
        guard page.text.contains("id=\"password\"") else { return page }
        return await run.run.browser.follow(run.run.browser.submit(page, person))
    }

    @Test func whatItRegisteredIsShown() async throws {
        var run = try await DynamicRun()
        run.documents.serve(Self.png, "image/png", at: Self.logo)
        let page = try await Self.consent(
            &run,
            [
                "logo_uri": .string(Self.logo), "policy_uri": "https://suite.example/policy?a=b&c=d",
                "tos_uri": "https://suite.example/terms",
            ])
        #expect(page.text.contains("id=\"allow\""))
        #expect(page.text.contains("href=\"https://suite.example/policy?a=b&amp;c=d\""))
        #expect(page.text.contains("href=\"https://suite.example/terms\""))
        // Nobody learns from the picture who signs in where, nor is it asked for before a browser wants it.
        #expect(!page.text.contains(Self.logo) && run.documents.asked.isEmpty)
        #expect(page.response.headers["Content-Security-Policy"]?.contains("img-src 'self';") == true)
        let source = try #require(page.attribute("class=\"logo\" src=\""))
        for _ in 0..<2 {
            let picture = await run.run.browser.get(source)
            #expect(picture.status == 200 && picture.response.body.bytes == Self.png)
            #expect(picture.response.headers["Content-Type"] == "image/png")
            #expect(picture.response.headers["X-Content-Type-Options"] == "nosniff")
            #expect(picture.response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox")
        }
        #expect(run.documents.asked == [Self.logo])
        // Nothing but what is registered can be had there.
        let place = source.split(separator: "/").dropLast().joined(separator: "/")
        #expect(await run.run.browser.get("/\(place)/AAAAAAAAAAAAAAAAAAAAAA").status == 404)
        #expect(
            await run.run.browser.get("/client-logo/nobody/\(source.split(separator: "/").last ?? "")").status == 404)
        #expect(run.documents.asked == [Self.logo])
    }

    @Test(arguments: [
        ("<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>", "image/svg+xml"),
        ("<html><script>alert(1)</script>", "image/png"), ("", "image/png"),
    ])
    func whatIsNoRasterPictureIsNotServed(_ text: String, _ type: String) async throws {
        var run = try await DynamicRun()
        run.documents.serve(Array(text.utf8), type, at: Self.logo)
        let page = try await Self.consent(&run, ["logo_uri": .string(Self.logo)])
        let source = try #require(page.attribute("class=\"logo\" src=\""))
        #expect(await run.run.browser.get(source).status == 404)
        run.documents.serve(Self.png, type.hasSuffix("xml") ? type : "image/png", at: Self.logo)
        run.run.test.clock.advance(by: .seconds(61))
        // A picture that is said to be something else is none either.
        #expect(await run.run.browser.get(source).status == (type.hasSuffix("xml") ? 404 : 200))
    }

    @Test func aPictureThatIsTooLargeIsNotServed() async throws {
        var run = try await DynamicRun()
        let long = Self.png.prefix(33) + [0, 1, 0, 0] + Array("IDAT".utf8) + [UInt8](repeating: 0, count: 65_540)
        run.documents.serve(long + Self.png.suffix(12), "image/png", at: Self.logo)
        let page = try await Self.consent(&run, ["logo_uri": .string(Self.logo)])
        #expect(await run.run.browser.get(try #require(page.attribute("class=\"logo\" src=\""))).status == 404)
    }

    @Test func itsNameIsInTheLanguageOfThePage() async throws {
        let names: JSONObject = [
            "client_name": "Sundial", "client_name#de": "Sonnenuhr", "policy_uri": "https://suite.example/policy",
            "policy_uri#de": "https://suite.example/datenschutz",
        ]
        var run = try await DynamicRun()
        let german = try await Self.consent(&run, names, ["ui_locales": "de-AT"])
        #expect(german.text.contains(">Sonnenuhr</span>") && german.text.contains("/datenschutz\""))
        #expect(!german.text.contains("Sundial"))
        let english = try await Self.consent(&run, names, ["ui_locales": "en"])
        #expect(english.text.contains(">Sundial</span>") && english.text.contains("/policy\""))
        let other = try await Self.consent(&run, ["client_name": "Sundial", "client_name#fr": "Cadran"])
        #expect(other.text.contains(">Sundial</span>"))
    }

    @Test func nothingIsShownOfAClientThatRegisteredNothing() async throws {
        var run = try await DynamicRun()
        let page = try await Self.consent(&run, [:])
        #expect(page.text.contains("id=\"allow\"") && !page.text.contains("class=\"logo\""))
        #expect(!page.text.contains("id=\"client-links\""))
        // Nobody here has looked at what registered itself; what an operator entered was looked at.
        #expect(page.text.contains("id=\"unverified\""))
        run.run.client = "suite"
        let known = await run.run.browser.follow(run.run.request())
        #expect(known.text.contains("id=\"allow\"") && !known.text.contains("id=\"unverified\""))
    }
}
