import AuthorizationServer
import Foundation
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Testing

@testable import Martlet

@Suite("Settings of mail")
struct MailSettingsTests {
    struct Place: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let host: String
        let port: Int
        let protection: SMTPServer.Protection

        init(_ text: String, _ host: String, _ port: Int, _ protection: SMTPServer.Protection) {
            (testDescription, self.host, self.port, self.protection) = (text, host, port, protection)
        }
    }

    @Test(
        .spec("RFC 8314 §3"),
        arguments: [
            Place("smtp://mail.example", "mail.example", 587, .required),
            Place("smtp://mail.example:25", "mail.example", 25, .required),
            Place("smtps://mail.example", "mail.example", 465, .implicit),
            Place("smtps://[2001:db8::1]:4465", "2001:db8::1", 4465, .implicit),
            Place("smtp://[::1]", "::1", 587, .offered),
            Place("smtp://localhost:2525", "localhost", 2525, .offered),
            Place("smtp://127.0.0.1:2525", "127.0.0.1", 2525, .offered),
            Place("smtp://127.0.0.2:2525", "127.0.0.2", 2525, .required),
        ])
    func readsWhereTheServerIs(_ place: Place) throws {
        let settings = try GivenSettings.serve([
            "MARTLET_MAIL_SERVER": place.testDescription, "MARTLET_MAIL_FROM": "no-reply@mail.example",
        ])
        let mail = try #require(settings.settings.mail)
        #expect((mail.host, mail.port, mail.protection) == (place.host, place.port, place.protection))
        #expect(mail.timeout == .seconds(20) && mail.user == nil)
        #expect(mail.sender == Mailbox("no-reply@mail.example"))
    }

    @Test(arguments: [
        "mail.example", "http://mail.example", "smtp://", "smtp://mail.example:0", "smtp://mail.example:65536",
        "smtp://user@mail.example", "smtp://mail.example/x", "smtp://[mail]", "smtp://mail.example:", "smtps://a b",
    ])
    func refusesWhatIsNoServer(_ text: String) {
        let variables = ["MARTLET_MAIL_SERVER": text, "MARTLET_MAIL_FROM": "no-reply@mail.example"]
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_MAIL_SERVER"])
    }

    @Test func aServerNeedsASenderAndAUserAPassword() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("password")
        try Data("s3cret with blanks \n".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        var variables = ["MARTLET_MAIL_SERVER": "smtp://mail.example"]
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_MAIL_FROM"])
        variables["MARTLET_MAIL_FROM"] = "Example, Inc <no-reply>"
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_MAIL_FROM"])
        variables["MARTLET_MAIL_FROM"] = "Example, Inc <no-reply@mail.example>"
        variables["MARTLET_MAIL_USER"] = "martlet"
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_MAIL_PASSWORD_FILE"])
        variables["MARTLET_MAIL_PASSWORD_FILE"] = path
        #expect(GivenSettings.problems(variables).isEmpty)
        let mail = try #require(try GivenSettings.serve(variables).settings.mail)
        let issuer = try #require(Issuer("https://login.example:8443/realm"))
        #expect(mail.server(for: issuer).greeting == "login.example")
        #expect(!"\(mail.server(for: issuer))".contains("s3cret"))
        chmod(path, 0o640)
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_MAIL_PASSWORD_FILE"])
    }

    @Test func settingsOfMailWithoutAServerAreReported() {
        #expect(GivenSettings.problems(["MARTLET_MAIL_USER": "martlet"]).map(\.subject) == ["MARTLET_MAIL_USER"])
    }

    @Test func signUpIsOpenWhereNothingIsAtStake() throws {
        let folder = try TemporaryFolder()
        #expect(try GivenSettings.serve([:]).settings.signUp == .open)
        var variables = try GivenSettings.production(in: folder)
        #expect(try GivenSettings.serve(variables).settings.signUp == .closed)
        variables["MARTLET_SIGN_UP"] = "open"
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_SIGN_UP"])
        variables["MARTLET_MAIL_SERVER"] = "smtps://mail.example"
        variables["MARTLET_MAIL_FROM"] = "no-reply@mail.example"
        variables["MARTLET_TERMS"] = "https://login.example/terms"
        #expect(try GivenSettings.serve(variables).settings.signUp == .open)
        #expect(try GivenSettings.serve(variables).settings.terms == "https://login.example/terms")
        variables["MARTLET_TERMS"] = "javascript:alert(1)"
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_TERMS"])
    }

    @Test(arguments: [
        ("https://login.example", "login.example"), ("http://localhost:8080", "localhost"),
        ("http://[::1]:8080/a", "::1"),
    ])
    func theHostOfAnIssuerHasNoPort(_ issuer: String, _ host: String) throws {
        #expect(try #require(Issuer(issuer)).hostName == host)
    }
}
