import Identity
import JOSE
import Testing

@testable import Martlet

@Suite("Settings of challenges")
struct CaptchaSettingsTests {
    @Test func aProviderNeedsItsKeys() throws {
        let folder = try TemporaryFolder()
        let secret = try folder.file("secret", "0x4AAAAAAAsecret\n", mode: 0o600)
        var settings = ["MARTLET_CAPTCHA_PROVIDER": "turnstile"]
        let missing = GivenSettings.problems(settings).map(\.subject)
        #expect(missing == ["MARTLET_CAPTCHA_SITE_KEY", "MARTLET_CAPTCHA_SECRET_FILE"])
        settings["MARTLET_CAPTCHA_SITE_KEY"] = "0x4AAAAAAAsite"
        settings["MARTLET_CAPTCHA_SECRET_FILE"] = secret
        let captcha = try GivenSettings.serve(settings).settings.captcha
        #expect(captcha.mode == .adaptive && captcha.foreign?.provider == .turnstile)
        #expect(captcha.foreign?.secret == Secret(Array("0x4AAAAAAAsecret".utf8)))
        // Without a provider they mean nothing.
        settings["MARTLET_CAPTCHA_PROVIDER"] = "built-in"
        #expect(GivenSettings.problems(settings).count == 2)
    }

    @Test func theSecretIsOneLineThatNobodyElseReads() throws {
        let folder = try TemporaryFolder()
        let settings = { (path: String) in
            [
                "MARTLET_CAPTCHA_PROVIDER": "hcaptcha", "MARTLET_CAPTCHA_SITE_KEY": "k",
                "MARTLET_CAPTCHA_SECRET_FILE": path,
            ]
        }
        for (number, text) in ["", "\n", "two\nlines\n", "with space\n"].enumerated() {
            let path = try folder.file("wrong\(number)", text, mode: 0o600)
            #expect(GivenSettings.problems(settings(path)).map(\.subject) == ["MARTLET_CAPTCHA_SECRET_FILE"])
        }
        let path = try folder.file("right", "secret\r\n", mode: 0o644)
        #expect(GivenSettings.problems(settings(path)).map(\.subject) == ["MARTLET_CAPTCHA_SECRET_FILE"])
        try folder.file("right", "secret\r\n", mode: 0o400)
        #expect(GivenSettings.problems(settings(path)).isEmpty)
        #expect(GivenSettings.problems(settings(folder.path("none"))).map(\.subject) == ["MARTLET_CAPTCHA_SECRET_FILE"])
    }
}
