import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("The claims parameter", .spec("OpenID Connect Core §5.5"))
struct ClaimsRequestTests {
    /// Zoe with a full profile, and a client that may ask for all of it.
    private static func server() async throws -> TestServer {
        let server = try await TestServer()
        let all: ScopeSet = [.openid, .profile, .email, .address, .phone, .offlineAccess]
        try await server.register(.confidential(scopes: all))
        let details = ProfileDetails(
            of: server.user.id,
            [
                .givenName: "Zoe", .familyName: "Lovelace", .birthdate: "1815-12-10", .locale: "en-GB",
                .phoneNumber: "+442079460000", .streetAddress: "12 St James's Square\nFlat 3", .locality: "London",
                .postalCode: "SW1Y 4JH", .country: "UK",
            ],
            translations: [ClaimName(.familyName, LanguageTag("ja-Kana-JP")): "ラヴレス"])
        #expect(try await server.storage.profiles.replace(details, at: server.clock.now))
        _ = try await server.storage.users.rename(server.user.id, to: "Zoe Lovelace", at: server.clock.now)
        return server
    }

    private static func tokens(
        _ server: TestServer, _ claims: String, scope: String = "openid", more: [Parameter: String?] = [:]
    ) async throws -> (userInfo: JSONObject, idToken: JSONObject, refreshed: JSONObject) {
        let changes = more.merging([.claims: claims, .scope: scope]) { $1 }
        let tokens = try await server.redeem(server.authorize(changes))
        let userInfo = try #require(try await server.userInfo(tokens.accessToken).wire.object)
        let idToken = try #require(try tokens.idClaims?.members)
        let second = try await server.refresh(tokens.refreshToken)
        return (userInfo, idToken, try #require(try await server.userInfo(second.accessToken).wire.object))
    }

    @Test(.spec("A-52"))
    func tellsEachClaimWhereItWasAskedFor() async throws {
        let server = try await Self.server()
        let (userInfo, idToken, refreshed) = try await Self.tokens(
            server,
            """
            {"userinfo": {"given_name": {"essential": true}, "email": null, "email_verified": null, "address": {}},
             "id_token": {"birthdate": {"essential": true}, "auth_time": {"essential": true}}}
            """)
        #expect(userInfo.map(\.name) == ["sub", "given_name", "email", "email_verified", "address"])
        #expect(userInfo["given_name"]?.string == "Zoe")
        #expect(userInfo["address"]?.object?["locality"]?.string == "London")
        #expect(
            userInfo["address"]?.object?["formatted"]?.string == "12 St James's Square\nFlat 3\nSW1Y 4JH London\nUK")
        #expect(idToken["birthdate"]?.string == "1815-12-10")
        #expect(idToken["given_name"] == nil && idToken["email"] == nil)
        // What was allowed once stays allowed as long as the grant.
        #expect(refreshed == userInfo)
    }

    @Test(.spec("OpenID Connect Core §5.5.1"))
    func aValueOtherThanTheWantedIsNotTold() async throws {
        let server = try await Self.server()
        let (userInfo, _, _) = try await Self.tokens(
            server,
            """
            {"userinfo": {"given_name": {"value": "Ada"}, "family_name": {"values": ["Byron", "Lovelace"]},
             "locale": {"values": ["de"]}, "phone_number_verified": {"value": false}}}
            """)
        #expect(userInfo.map(\.name) == ["sub", "family_name", "phone_number_verified"])
    }

    @Test(.spec("A-50", "OpenID Connect Core §5.5"))
    func ignoresWhatItDoesNotKnow() async throws {
        let server = try await Self.server()
        let (userInfo, idToken, _) = try await Self.tokens(
            server,
            """
            {"userinfo": {"shoe_size": {"essential": true}, "https://x.example/claim": null, "name#": null, "name": null},
             "id_token": {"at_hash": null, "iss": {"value": "evil"}, "groups": null}, "vp_token": {"a": 1}}
            """)
        #expect(userInfo.map(\.name) == ["sub", "name"])
        #expect(idToken["iss"]?.string == "https://id.example")
        #expect(idToken["groups"] == nil)
    }

    @Test(
        .spec("A-50"),
        arguments: [
            "[]", "true", "{", "{}}", #"{"userinfo": []}"#, #"{"id_token": "name"}"#, #"{"userinfo": {"name": true}}"#,
            #"{"userinfo": {"name": [1]}}"#, #"{"userinfo": {}, "userinfo": {}}"#, "name",
        ])
    func refusesWhatIsNoSuchObject(_ claims: String) async throws {
        let server = try await Self.server()
        let answer = try await server.decide([.claims: claims], from: server.browser()).answer
        #expect(answer?[.error] == "invalid_request")
        for fine in ["{}", #"{"userinfo": null}"#] {
            #expect(try await server.decide([.claims: fine], from: server.browser()).interaction != nil)
        }
    }

    @Test(.spec("A-50", "RFC 8707 §2.1"))
    func refusesWhatAGrantCouldNotKeep() async throws {
        let server = try await Self.server()
        // It is kept as a list of values, which is one level deeper.
        let deep = #"{"userinfo": {"name": {"value": {"a": [1]}}}}"#
        #expect(try await server.decide([.claims: deep], from: server.browser()).answer?[.error] == "invalid_request")
        let flat = #"{"userinfo": {"name": {"value": {"a": 1}}}}"#
        #expect(try await server.decide([.claims: flat], from: server.browser()).interaction != nil)
        func asking(for count: Int) -> ClaimsRequest {
            var request = ClaimsRequest()
            request.strength = ClaimsRequest.Strength(names: (0..<count).map { "urn:acr:\($0)" }, isEssential: true)
            return request
        }
        #expect(throws: OAuthError.self) { try asking(for: 1_000).requireKeeping() }
        let fine = asking(for: 100)
        try fine.requireKeeping()
        #expect(ClaimsRequest(kept: fine.kept) == fine)
    }

    @Test(.spec("A-51"))
    func aSubjectThatIsNamedIsTheOnlyOneWhoMayAnswer() async throws {
        let server = try await Self.server()
        let ada = try await server.addUser("ada")
        let browser = try await server.signIn(ada)
        _ = try await server.authorize(as: ada, in: browser)
        let zoe = #"{"id_token": {"sub": {"value": "u_zoe"}}}"#
        let silent = try await server.decide([.claims: zoe, .prompt: "none"], from: browser).answer
        #expect(silent?[.error] == "login_required")
        let id = try #require(try await server.decide([.claims: zoe], from: browser).interaction)
        let interactions = Interactions(server.environment)
        #expect(try await interactions.choose(#require(browser.session), for: id, from: browser).name == "sign-in")
        let right = try await server.signIn(in: browser)
        #expect(try await interactions.choose(#require(right.session), for: id, from: right).name == "consent")
        let own = #"{"id_token": {"sub": {"value": "u_ada"}}}"#
        #expect(try await server.decide([.claims: own, .prompt: "none"], from: browser).answer?[.code] != nil)
    }

    @Test(.spec("OpenID Connect Core §5.5"))
    func aClientGetsNoClaimWhoseScopeItMayNotAskFor() async throws {
        let server = try await Self.server()
        try await server.register(.confidential(scopes: [.openid, .email, .offlineAccess]))
        let (userInfo, idToken, _) = try await Self.tokens(
            server, #"{"userinfo": {"birthdate": null, "email": null}, "id_token": {"address": null}}"#)
        #expect(userInfo.map(\.name) == ["sub", "email"])
        #expect(idToken["address"] == nil)
    }

    @Test(.spec("OpenID Connect Core §3.1.2.4"))
    func askedForByNameIsAskedOfThePerson() async throws {
        let server = try await Self.server()
        let browser = try await server.signIn()
        _ = try await server.authorize([.scope: "openid"], in: browser)
        let claims = #"{"userinfo": {"birthdate": null}}"#
        let changes: [Parameter: String?] = [.scope: "openid", .claims: claims, .prompt: "none"]
        #expect(try await server.decide(changes, from: browser).answer?[.error] == "consent_required")
        let id = try #require(
            try await server.decide(changes.merging([.prompt: nil]) { $1 }, from: browser).interaction)
        guard case .consent(_, _, let new) = try await Interactions(server.environment).step(of: id, from: browser)
        else {
            Issue.record("no consent page")
            return
        }
        #expect(new.map(\.rawValue) == ["claim:birthdate"])
        _ = try await Interactions(server.environment).decide(.allow, on: id, from: browser)
        #expect(try await server.decide(changes, from: browser).answer?[.code] != nil)
        // Whoever may see the profile may see a part of it.
        _ = try await server.authorize([.scope: "openid profile"], in: browser)
        let other = changes.merging([.claims: #"{"userinfo": {"gender": null}}"#]) { $1 }
        #expect(try await server.decide(other, from: browser).answer?[.code] != nil)
        let more = changes.merging([.claims: #"{"userinfo": {"address": null}}"#]) { $1 }
        #expect(try await server.decide(more, from: browser).answer?[.error] == "consent_required")
    }

    @Test(.spec("U-11", "OpenID Connect Core §5.2"))
    func namesInOtherLanguagesAreToldWhereTheyAreWanted() async throws {
        let server = try await Self.server()
        let none = try await Self.tokens(server, "{}", scope: "openid profile")
        #expect(none.userInfo["family_name#ja-Kana-JP"] == nil)
        let byLocale = try await Self.tokens(
            server, "{}", scope: "openid profile", more: [.claimsLocales: "fr JA-kana-jp"])
        #expect(byLocale.userInfo["family_name#ja-Kana-JP"]?.string == "ラヴレス")
        #expect(byLocale.userInfo["family_name"]?.string == "Lovelace")
        let byName = try await Self.tokens(
            server, ##"{"userinfo": {"family_name#ja-Kana-JP": null, "family_name#fr": null}}"##)
        #expect(byName.userInfo.map(\.name) == ["sub", "family_name#ja-Kana-JP"])
    }

    @Test(.spec("U-08", "U-09", "OpenID Connect Core §5.4"))
    func everyStandardClaimHasItsTypeAndItsScope() async throws {
        let server = try await TestServer()
        let all: ScopeSet = [.openid, .profile, .email, .address, .phone]
        try await server.register(.confidential(scopes: all))
        let values = Dictionary(uniqueKeysWithValues: ProfileDetails.Field.allCases.map { ($0, "text") })
        _ = try await server.storage.profiles.replace(
            ProfileDetails(of: server.user.id, values), at: server.clock.now)
        _ = try await server.storage.users.rename(server.user.id, to: "Zoe", at: server.clock.now)
        let tokens = try await server.redeem(server.authorize([.scope: all.description]))
        let told = try #require(try await server.userInfo(tokens.accessToken).wire.object)
        #expect(told.map(\.name) == ["sub"] + StandardClaim.allCases.map(\.rawValue))
        for claim in StandardClaim.allCases {
            let value = try #require(told[claim.rawValue])
            switch claim {
            case .isEmailVerified, .isPhoneNumberVerified: #expect(value.bool != nil)
            case .updatedAt: #expect(value.integer != nil)
            case .address: #expect(value.object?["country"]?.string == "text")
            default: #expect(value.string?.isEmpty == false)
            }
        }
        // J-12: nothing of it is in the ID token.
        let idToken = try #require(try tokens.idClaims?.members)
        #expect(StandardClaim.allCases.allSatisfy { idToken[$0.rawValue] == nil })
    }
}
