import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("The second factor by calls")
struct AuthSecondFactorTests {
    private func answer(_ token: JSONValue?, code: String) -> JSONValue {
        ["sessionToken": token ?? .null, "code": .string(code)]
    }

    private func answer(_ token: JSONValue?, recovery: String) -> JSONValue {
        ["sessionToken": token ?? .null, "recoveryCode": .string(recovery)]
    }

    @Test(
        "Set up, asked for, answered by the app and by a recovery code, switched off",
        arguments: [
            Client.OwnSignIn.tokens, .cookies,
        ])
    func theWholeWay(_ mode: Client.OwnSignIn) async throws {
        let test = try await TestSite()
        let app = try await App(test, mode)
        try await app.signIn()
        #expect(try await app.call(.completeSecondFactor, ["code": "123456"]).problem == "setUpNotBegun")
        let (secret, codes) = try await app.turnOn()
        #expect(codes.count == 10)
        #expect(try await app.call(.readProfile).json["recoveryCodesLeft"] == 10)
        if mode == .tokens {
            // The token is of a sign-in with one factor.
            #expect(try await app.call(.beginSecondFactor, App.password).problem == "freshSignInNeeded")
        } else {
            #expect(try await app.call(.beginSecondFactor, App.password).problem == "secondFactorIsOn")
        }
        app.cookies = [:]
        let due = try await app.call(.login, App.right).json
        #expect(due["mfaRequired"] == true && due["expiresIn"] == 600)
        #expect(app.cookies.isEmpty)
        let token = due["sessionToken"]
        let right = answer(token, code: try test.code(secret))
        let start = try await app.call(.verifySecondFactor, right)
        #expect(start.status == 200)
        app.accessToken = start.json["accessToken"]?.string
        #expect(try await app.call(.readProfile).json["secondFactor"] == true)
        #expect(try await app.call(.verifySecondFactor, right).problem == "sessionOver")
        if let idToken = start.json["idToken"]?.string {
            #expect(try UnverifiedJWT(parsing: idToken).unverifiedClaims()["amr"] == ["pwd", "otp", "mfa"])
        }

        let again = try await app.call(.login, App.right).json["sessionToken"]
        let recovered = try await app.call(.recoveryLogin, answer(again, recovery: codes[0].uppercased()))
        #expect(recovered.json["recoveryCodesLeft"] == 9)
        app.accessToken = recovered.json["accessToken"]?.string
        let third = try await app.call(.login, App.right).json["sessionToken"]
        #expect(try await app.call(.recoveryLogin, answer(third, recovery: codes[0])).problem == "wrongCode")

        #expect(try await app.call(.disableSecondFactor, ["code": "000000"]).problem == "wrongCode")
        #expect(try await app.call(.disableSecondFactor, ["code": .string(codes[0])]).problem == "wrongCode")
        #expect(try await app.call(.disableSecondFactor, ["code": .string(codes[1])]).status == 204)
        #expect(try await app.call(.disableSecondFactor, ["code": .string(codes[2])]).problem == "secondFactorIsOff")
        #expect(try await app.call(.readProfile).json["secondFactor"] == false)
        #expect(try await app.call(.login, App.right).json["mfaRequired"] == false)
    }

    @Test("A recovery code that switches the app off is told and noted; where no app is on none is spent")
    func recoveryCodeAtTheEnd() async throws {
        let desk = try await MailDesk()
        let app = try await App(desk.test, .tokens)
        try await app.signIn()
        let (_, codes) = try await app.turnOn()
        let token = try await app.call(.login, App.right).json["sessionToken"]
        let recovered = try await app.call(.recoveryLogin, answer(token, recovery: codes[1]))
        app.accessToken = recovered.json["accessToken"]?.string
        #expect(try await app.call(.disableSecondFactor, ["code": .string(codes[0])]).status == 204)
        #expect(try await desk.test.told().count { $0.first == "recovery_code_used" } == 2)
        let events = try await desk.test.environment.storage.audit.unlinked(limit: 99)
        let used = events.filter { $0.action == "recovery_code_used" }
        #expect(used.count == 2)
        #expect(
            used.allSatisfy { $0.subject == desk.test.user.id && $0.client?.rawValue == "app" && $0.network != nil })

        // A passkey alone: there is no app to switch off, and the codes are for something else.
        var key = try TestSite.authenticator()
        let owner = TestBrowser(desk.test)
        _ = await desk.test.openAccount(owner, "/account/security")
        let shown = try await desk.test.addPasskey(owner, &key)
        let own = shown.text.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        #expect(own.count == RecoveryCodes.count)
        #expect(
            try await app.call(.disableSecondFactor, ["code": .string(try #require(own.first))]).problem
                == "secondFactorIsOff")
        let left = try await desk.test.environment.storage.secondFactors.recoveryCodes.count(of: desk.test.user.id)
        #expect(left == RecoveryCodes.count)
    }

    @Test("A session token is good for its client, unchanged, for ten minutes, until the password is changed")
    func sessionTokens() async throws {
        let test = try await TestSite()
        let (app, other) = (try await App(test, .tokens), try await App(test, .tokens, id: "other"))
        try await app.signIn()
        let (secret, _) = try await app.turnOn()
        func login(_ scope: String? = nil) async throws -> JSONValue? {
            var content = App.right.object ?? [:]
            content["scope"] = scope.map { .string($0) }
            return try await app.call(.login, .object(content)).json["sessionToken"]
        }
        let token = try await login("openid")
        let code = try test.code(secret)
        #expect(try await other.call(.verifySecondFactor, answer(token, code: code)).problem == "sessionOver")
        // Other scopes than the password was typed for.
        let parts = try #require(token?.string).split(separator: ".")
        let widened = "\(parts[0])." + Base64URL.encode(Array("openid offline_access".utf8))
        #expect(
            try await app.call(.verifySecondFactor, answer(.string(widened), code: code)).problem == "sessionOver")
        let foreign = "\(parts[0])." + Base64URL.encode(Array("orders:read".utf8))
        #expect(
            try await app.call(.verifySecondFactor, answer(.string(foreign), code: code)).problem == "sessionOver")
        let page = try await app.call(.verifySecondFactor, answer(token, code: code))
        #expect(page.json["scope"] == "openid")

        test.clock.advance(by: .seconds(60))
        let late = try await login()
        test.clock.advance(by: .seconds(600))
        #expect(
            try await app.call(.verifySecondFactor, answer(late, code: test.code(secret))).problem == "sessionOver")
        let replaced = try await login()
        let storage = test.environment.storage
        let hash = try #require(try await storage.users.find(test.user.id)?.passwordHash)
        #expect(try await storage.users.setPassword(hash, of: test.user.id, at: test.clock.now))
        #expect(
            try await app.call(.verifySecondFactor, answer(replaced, code: test.code(secret))).problem == "sessionOver")
    }

    @Test("Of many answers at once one opens a session; guesses at once are as many as the limit allows")
    func atOnce() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        try await app.signIn()
        let (secret, _) = try await app.turnOn()
        let token = try await app.call(.login, App.right).json["sessionToken"]
        let right = answer(token, code: try test.code(secret)).jsonBytes()
        var headers = app.proof
        headers.set("Content-Type", "application/json")
        let (site, sent) = (test.site, headers)
        let statuses = try await concurrently(16) {
            await site.respond(
                to: Request(.post, "/v1/auth/2fa/verify", headers: sent, body: right)
            ).status.rawValue
        }
        #expect(statuses.count { $0 == 200 } == 1)

        test.clock.advance(by: .seconds(86_400))
        let next = try await app.call(.login, App.right).json["sessionToken"]
        let wrong = answer(next, code: "000000").jsonBytes()
        let guesses = try await concurrently(16) {
            await site.respond(
                to: Request(.post, "/v1/auth/2fa/verify", headers: sent, body: wrong)
            ).status.rawValue
        }
        #expect(guesses.count { $0 == 403 } == 5)
        #expect(guesses.count { $0 == 429 } == 11)
    }

    @Test("Changes of the second factor want a sign-in of the last minutes")
    func fresh() async throws {
        let test = try await TestSite()
        for mode in [Client.OwnSignIn.tokens, .cookies] {
            let app = try await App(test, mode, id: mode.rawValue)
            try await app.signIn()
            test.clock.advance(by: .seconds(600))
            #expect(try await app.call(.beginSecondFactor, App.password).status == 200)
            test.clock.advance(by: .seconds(1))
            #expect(try await app.call(.beginSecondFactor, App.password).problem == "freshSignInNeeded")
            #expect(try await app.call(.completeSecondFactor, ["code": "000000"]).problem == "freshSignInNeeded")
            #expect(try await app.call(.disableSecondFactor, ["code": "000000"]).problem == "freshSignInNeeded")
            #expect(try await app.call(.readProfile).status == 200)
            try await app.signIn()
            #expect(try await app.call(.beginSecondFactor, App.password).status == 200)
        }
    }

    @Test("A token alone begins no second factor, and reads and changes no more than its scopes allow")
    func aTokenThatAnotherServerHolds() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        func signIn(_ scope: String) async throws {
            var content = App.right.object ?? [:]
            content["scope"] = .string(scope)
            app.accessToken = try await app.call(.login, .object(content)).json["accessToken"]?.string
        }
        try await signIn("openid")
        #expect(try await app.call(.beginSecondFactor, ["password": "another"]).problem == "wrongCredentials")
        #expect(try await app.call(.completeSecondFactor, ["code": "123456"]).problem == "setUpNotBegun")
        #expect(try await app.call(.updateProfile, ["name": "Your account is locked"]).problem == "insufficientScope")
        let seen: [(scope: String, members: Set<String>)] = [
            ("openid", ["id", "secondFactor"]),
            ("email", ["id", "email", "emailVerified"]),
            ("profile", ["id", "name", "createdAt", "updatedAt"]),
        ]
        for (scope, members) in seen {
            try await signIn(scope)
            #expect(Set(try #require(try await app.call(.readProfile).json.object).map(\.name)) == members, "\(scope)")
        }
        #expect(try await app.call(.updateProfile, ["name": "Ada King"]).json["name"] == "Ada King")
        // With the password it begins, whatever the scopes.
        #expect(try await app.call(.beginSecondFactor, App.password).status == 200)
    }

    @Test("Whose account is to be deleted is told when, and whose is not is told nothing")
    func leaving() async throws {
        let desk = try await MailDesk()
        let app = try await App(desk.test, .tokens)
        try await app.signIn()
        #expect(try await app.call(.readProfile).json["leavesAt"] == nil)
        let end = desk.test.clock.now + .seconds(3 * 86_400)
        #expect(
            try await desk.test.environment.storage.holds.leave(
                desk.test.user.id, erasedAt: end, at: desk.test.clock.now, recourse: nil, ordering: nil))
        desk.test.clock.advance(by: .seconds(1))
        try await app.signIn()
        #expect(try await app.call(.readProfile).json["leavesAt"]?.string == end.internetDate)
        // Who sees no more than an address sees no end either.
        var content = App.right.object ?? [:]
        content["scope"] = "email"
        app.accessToken = try await app.call(.login, .object(content)).json["accessToken"]?.string
        #expect(try await app.call(.readProfile).json["leavesAt"] == nil)
    }

    @Test("Wrong passwords before a second factor count as those of signing in")
    func guessesCount() async throws {
        let test = try await TestSite()
        let app = try await App(test, .cookies)
        try await app.signIn()
        for _ in 0..<5 {
            #expect(try await app.call(.beginSecondFactor, ["password": "guess"]).problem == "wrongCredentials")
        }
        #expect(try await app.call(.beginSecondFactor, App.password).problem == "tooManyAttempts")
    }

    @Test("While an account is frozen its second factor stays as it is; changed, its owner hears of it")
    func frozen() async throws {
        let desk = try await MailDesk()
        let test = desk.test
        let end = test.clock.now + .seconds(3600)
        try await test.environment.storage.freeze(test.user.id.rawValue, until: end)
        let app = try await App(test, .cookies)
        try await app.signIn()
        #expect(try await app.call(.beginSecondFactor, App.password).problem == "accountFrozen")
        #expect(try await app.call(.completeSecondFactor, ["code": "000000"]).problem == "accountFrozen")
        #expect(try await app.call(.disableSecondFactor, ["code": "000000"]).problem == "accountFrozen")
        #expect(try await app.call(.readProfile).status == 200)
        test.clock.advance(by: .seconds(3600))
        try await app.signIn()
        let secret = try await app.turnOn().secret
        try await desk.deliver()
        let code = try test.code(secret)
        #expect(try await app.call(.disableSecondFactor, ["code": .string(code)]).status == 204)
        try await desk.deliver()
        let subjects = desk.inbox.mails.map(\.message.content.subject.value)
        #expect(Set(subjects).isSuperset(of: ["Two-step verification is on", "Two-step verification is off"]))
        try await test.audit.flush()
        let events = try await test.environment.storage.audit.find(AuditSearch(), limit: 99)
        #expect(Set(events.map(\.action)).isSuperset(of: ["authenticator_added", "authenticator_removed"]))
    }

    @Test("Guesses at switching off are limited as those at signing in")
    func switchingOffIsLimited() async throws {
        let test = try await TestSite()
        let app = try await App(test, .cookies)
        try await app.signIn()
        let (_, codes) = try await app.turnOn()
        for _ in 1...5 {
            #expect(try await app.call(.disableSecondFactor, ["code": "000000"]).problem == "wrongCode")
        }
        #expect(try await app.call(.disableSecondFactor, ["code": .string(codes[0])]).problem == "tooManyAttempts")
        test.clock.advance(by: .seconds(301))
        #expect(try await app.call(.disableSecondFactor, ["code": .string(codes[0])]).status == 204)
    }
}
