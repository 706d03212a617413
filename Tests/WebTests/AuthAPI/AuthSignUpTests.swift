import AuthorizationServer
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("Accounts and new passwords by calls")
struct AuthSignUpTests {
    private static let password = "correct horse battery staple"

    private func person(_ email: String, _ extra: JSONObject = [:]) -> JSONValue {
        var content: JSONObject = ["email": .string(email), "password": .string(Self.password), "name": "Grace Hopper"]
        for member in extra { content[member.name] = member.value }
        return .object(content)
    }

    private func proof(_ token: JSONValue?, _ code: String) -> JSONValue {
        ["registrationToken": token ?? .null, "code": .string(code)]
    }

    @Test(
        "An account begins, is proven by the code of the newest mail, and is signed in",
        arguments: [
            Client.OwnSignIn.tokens, .cookies,
        ])
    func theWholeWay(_ mode: Client.OwnSignIn) async throws {
        let desk = try await MailDesk()
        let app = try await App(desk.test, mode)
        let other = try await App(desk.test, mode, id: "other")
        let begun = try await app.call(.register, person("grace@example.com"))
        #expect(begun.status == 202 && begun.json["codeExpiresIn"] == 600)
        let token = begun.json["registrationToken"]
        let first = try MailDesk.code(try await desk.deliver())
        #expect(try await app.call(.resendVerification, ["registrationToken": token ?? .null]).status == 204)
        let code = try MailDesk.code(try await desk.deliver())
        #expect(try await other.call(.verifyEmail, proof(token, code)).problem == "registrationOver")
        #expect(
            try await other.call(.resendVerification, ["registrationToken": token ?? .null]).problem
                == "registrationOver")
        if first != code {
            let wrong = try await app.call(.verifyEmail, proof(token, first))
            #expect(wrong.problem == "wrongCode" && wrong.json["attemptsLeft"] == 4)
        }
        let done = try await app.call(.verifyEmail, proof(token, code))
        #expect(done.status == 200 && done.json["mfaRequired"] == false)
        app.accessToken = done.json["accessToken"]?.string
        let profile = try await app.call(.readProfile).json
        #expect(profile["email"] == "grace@example.com" && profile["emailVerified"] == true)
        #expect(profile["name"] == "Grace Hopper")
        #expect(try await app.call(.verifyEmail, proof(token, code)).problem == "registrationOver")
    }

    @Test("An address that has an account takes the same course, byte for byte in length")
    func noEnumeration() async throws {
        let desk = try await MailDesk()
        let app = try await App(desk.test, .tokens)
        var answers: [[String]] = []
        for email in [TestSite.email, "eva@example.com"] {
            let begun = try await app.call(.register, person(email))
            try await desk.deliver()
            let token = begun.json["registrationToken"]
            var texts = ["\(begun.status) \(begun.text.utf8.count)"]
            for _ in 1...6 {
                // No code has letters: the schema lets digits alone through, so the guess may not be right by chance.
                let page = try await app.call(.verifyEmail, proof(token, "000000"))
                texts.append(page.text)
            }
            for _ in 1...4 {
                let page = try await app.call(.resendVerification, ["registrationToken": token ?? .null])
                texts.append("\(page.status) \(page.text)")
            }
            answers.append(texts)
        }
        #expect(answers[0] == answers[1])
        #expect(answers[0].contains { $0.contains("codeOver") })
        #expect(answers[0].last?.contains("tooManyMails") == true)
    }

    @Test func whatCannotBeUsedIsNamed() async throws {
        let desk = try await MailDesk(terms: "https://id.example/terms")
        let app = try await App(desk.test, .tokens)
        let terms = try await app.call(.register, person("grace@example.com"))
        #expect(terms.problem == "unfit" && terms.json["errors"]?[0]?["pointer"] == "/termsAccepted")
        let weak = try await app.call(
            .register, person("grace@example.com", ["termsAccepted": true, "password": "short"]))
        #expect(weak.status == 422 && weak.json["errors"]?[0]?["pointer"] == "/password")
        #expect(!weak.text.contains("short"))
        #expect(try await app.call(.register, person("grace@example.com", ["termsAccepted": true])).status == 202)
    }

    @Test(arguments: [SignUpMode.invitation, .closed])
    func whereNobodyMaySignUpNoCallMakesAnAccount(_ mode: SignUpMode) async throws {
        let desk = try await MailDesk(mode: mode)
        let app = try await App(desk.test, .tokens)
        #expect(try await app.call(.register, person("grace@example.com")).problem == "notOffered")
        let token: JSONValue = .string(String(repeating: "a", count: 43) + "." + String(repeating: "b", count: 43))
        #expect(try await app.call(.resendVerification, ["registrationToken": token]).problem == "notOffered")
        #expect(try await app.call(.verifyEmail, proof(token, "123456")).problem == "notOffered")
        #expect(try await app.call(.forgotPassword, ["email": .string(TestSite.email)]).status == 204)
    }

    @Test func withoutMailNothingIsOffered() async throws {
        let app = try await App(try await TestSite(), .tokens)
        let token: JSONValue = .string(String(repeating: "a", count: 43))
        #expect(try await app.call(.forgotPassword, ["email": "a@b.c"]).problem == "notOffered")
        let reset: JSONValue = ["resetToken": token, "password": "x"]
        #expect(try await app.call(.resetPassword, reset).problem == "notOffered")
        #expect(try await app.call(.register, person("grace@example.com")).problem == "notOffered")
        #expect(try await app.signIn().status == 200)
    }

    @Test("A forgotten password is chosen anew by the mail's link, once, which signs everybody out")
    func reset() async throws {
        let desk = try await MailDesk()
        let app = try await App(desk.test, .tokens)
        let before = try await app.signIn().json
        // What tells of the new device.
        try await desk.deliver()
        let mails = desk.inbox.mails.count
        let unknown = try await app.call(.forgotPassword, ["email": "nobody@example.com"])
        try await desk.deliver()
        #expect(desk.inbox.mails.count == mails)
        let known = try await app.call(.forgotPassword, ["email": .string(TestSite.email)])
        #expect(known.status == 204 && unknown.status == 204)
        let link = try MailDesk.link(try await desk.deliver())
        let token = JSONValue.string(String(link.split(separator: "link=")[1]))
        let weak = try await app.call(.resetPassword, ["resetToken": token, "password": "short"])
        #expect(weak.problem == "unfit" && weak.json["errors"]?[0]?["pointer"] == "/password")
        let chosen: JSONValue = ["resetToken": token, "password": "a quite different passphrase"]
        #expect(try await app.call(.resetPassword, chosen).status == 204)
        #expect(try await app.call(.resetPassword, chosen).problem == "linkOver")
        #expect(try await app.call(.readProfile).problem == "invalidToken")
        #expect(try await app.call(.refresh, ["refreshToken": before["refreshToken"] ?? .null]).status == 401)
        #expect(try await app.call(.login, App.right).problem == "wrongCredentials")
        let new: JSONValue = ["email": .string(TestSite.email), "password": "a quite different passphrase"]
        #expect(try await app.call(.login, new).status == 200)
    }

    @Test func mailsAreLimitedByNetwork() async throws {
        let desk = try await MailDesk()
        let app = try await App(desk.test, .tokens)
        for number in 1...30 {
            #expect(try await app.call(.forgotPassword, ["email": .string("p\(number)@example.com")]).status == 204)
        }
        let limited = try await app.call(.forgotPassword, ["email": "one@example.com"])
        #expect(limited.problem == "tooManyMails" && limited.response.headers["Retry-After"] == "301")
        let registration = try await app.call(.register, person("two@example.com"))
        #expect(registration.problem == "tooManyMails")
        desk.test.clock.advance(by: .seconds(301))
        #expect(try await app.call(.forgotPassword, ["email": "one@example.com"]).status == 204)
    }
}
