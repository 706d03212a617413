import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Request objects by value", .spec("RFC 9101", "OpenID Connect Core §6"))
struct RequestObjectTests {
    /// What comes of a request of a person who is signed in and has allowed everything.
    private func answer(
        _ bench: RequestObjectBench, _ beside: [Parameter: String?]
    ) async throws -> AuthorizationAnswer {
        let browser = try await bench.server.signIn()
        let decision = try await bench.decide(beside, from: browser)
        guard let id = decision.interaction else { return try #require(decision.answer) }
        return try #require(
            try await Interactions(bench.server.environment).decide(.allow, on: id, from: browser).answer)
    }

    @Test(.spec("A-75", "RFC 9101 §6.3"), arguments: [SignatureAlgorithm.es256, .rs256, .ps256, .edDSA])
    func whatASignedObjectSaysIsAllThatCounts(_ algorithm: SignatureAlgorithm) async throws {
        let bench = try await RequestObjectBench(algorithm)
        let beside: [Parameter: String?] = [
            .request: try bench.signed(["state": .null]), .responseType: "token", .scope: "openid email",
            .nonce: "outside",
        ]
        let answer = try await answer(bench, beside)
        #expect(answer.redirectURI.rawValue == "https://shop.example/b")
        #expect(answer[.state] == nil)
        let tokens = try await bench.server.redeem(try #require(answer[.code]), from: bench.client)
        #expect(try tokens.idClaims?["nonce"] == nil)
        #expect(tokens.scope == [.openid, .profile])
        // Nothing needs to stand beside it but the client.
        let bare: [Parameter: String?] = [.request: try bench.signed(), .redirectURI: nil, .state: nil]
        #expect(try await self.answer(bench, bare)[.state] == "inside")
    }

    @Test(.spec("OpenID Connect Core §6.1"))
    func whatStandsBesideItCountsWhereTheClientIsAnOldOne() async throws {
        let members: JSONObject = ["martlet_compatibility": ["request_merging"]]
        let bench = try await RequestObjectBench(members: members)
        let object = try bench.signed(["client_id": .null, "state": .null, "nonce": "inside"])
        let answer = try await answer(bench, [.request: object, .nonce: "outside", .scope: "email"])
        #expect(answer[.state] == "outside" && answer.redirectURI.rawValue == "https://shop.example/b")
        let tokens = try await bench.server.redeem(try #require(answer[.code]), from: bench.client)
        #expect(try tokens.idClaims?["nonce"]?.string == "inside")
        #expect(tokens.scope == [.openid, .profile])
        let contradiction = try await bench.refusal([.request: try bench.signed(), .responseType: "id_token"])
        #expect(contradiction?.code == .invalidRequestObject)
        #expect(try await bench.isTaken([.request: try bench.signed(), .responseType: "code"]))
    }

    @Test func membersOfOtherKindsAreParametersToo() async throws {
        let bench = try await RequestObjectBench()
        let object = try bench.signed([
            "max_age": 0, "claims": ["userinfo": ["name": ["essential": true]]], "response_mode": "fragment",
        ])
        let browser = try await bench.server.signIn()
        let id = try #require(try await bench.decide([.request: object], from: browser).interaction)
        guard case .open(let pending) = try await Interactions(bench.server.environment).pending(id, from: browser)
        else { throw WrongTurn() }
        #expect(pending.request.maxAge == .zero)
        #expect(pending.request.claims.userInfo.map(\.isEssential) == [true])
        let list = try bench.signed(["scope": ["openid", "profile"]])
        #expect(try await bench.decide([.request: list]).answer?.refusal == .invalidRequest)
    }

    /// The object is read once: what it said stays good for the person who is still typing.
    @Test func aPersonMayTakeLongerThanTheObjectLives() async throws {
        let bench = try await RequestObjectBench(members: ["require_signed_request_object": true])
        let browser = bench.server.browser()
        let object = try bench.signed()
        let id = try #require(try await bench.decide([.request: object], from: browser).interaction)
        bench.server.clock.advance(by: .seconds(600))
        #expect(try await bench.refusal([.request: object])?.code == .invalidRequestObject)
        let signedIn = try await bench.server.signIn(in: browser)
        let interactions = Interactions(bench.server.environment)
        let step = try await interactions.choose(try #require(signedIn.session), for: id, from: signedIn)
        #expect(step.name == "consent")
        let answer = try await interactions.decide(.allow, on: id, from: signedIn).answer
        #expect(answer?[.code] != nil && answer?[.state] == "inside")
    }

    struct Claim: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: JSONObject
        init(_ description: String, _ changes: JSONObject) {
            testDescription = description
            self.changes = changes
        }
    }

    @Test(
        .spec("A-73", "A-74", "A-76", "RFC 9101 §4", "RFC 9101 §6.3", "RFC 9101 §10.8"),
        arguments: [
            Claim("another issuer", ["iss": "shop"]), Claim("another audience", ["aud": "https://other.example"]),
            Claim("a list of others", ["aud": ["https://other.example"]]), Claim("an empty list", ["aud": []]),
            Claim("expired", ["exp": 1_000]), Claim("not yet", ["nbf": 4_000_000_000]),
            Claim("issued in the future", ["iat": 4_000_000_000]), Claim("no client_id", ["client_id": .null]),
            Claim("another client_id", ["client_id": "shop"]), Claim("the client as subject", ["sub": "jar"]),
            Claim("request inside", ["request": "eyJ"]),
            Claim("request_uri inside", ["request_uri": "https://a.example/"]),
            Claim("a number for iss", ["iss": 1]), Claim("a NUL", ["state": "a\u{0}b"]),
        ])
    func whatItSaysOfItselfMustBeRight(_ claim: Claim) async throws {
        let bench = try await RequestObjectBench()
        #expect(try await bench.refusal([.request: try bench.signed(claim.changes)])?.code == .invalidRequestObject)
        #expect(try await bench.isTaken([.request: try bench.signed()]))
    }

    @Test func whatItNeedNotSayMayBeMissing() async throws {
        let bench = try await RequestObjectBench()
        for name in ["iss", "aud", "exp", "nbf", "iat"] {
            #expect(try await bench.isTaken([.request: try bench.signed([name: .null])]), "\(name)")
        }
        let several = try bench.signed(["aud": ["https://other.example", "https://id.example"], "sub": "somebody"])
        #expect(try await bench.isTaken([.request: several]))
    }

    @Test(.spec("A-77", "RFC 8725 §3.11"))
    func noOtherTokenOfTheClientIsTakenForOne() async throws {
        let bench = try await RequestObjectBench()
        for type: JWSType in ["at+jwt", "logout+jwt", "dpop+jwt", "client-authentication+jwt", "secevent+jwt"] {
            let refusal = try await bench.refusal([.request: try bench.signed(type: type)])
            #expect(refusal?.code == .invalidRequestObject, "\(type.name)")
            #expect(refusal?.advice?.contains("typ must be") == true)
        }
        for type: JWSType in ["JWT", "application/oauth-authz-req+jwt"] {
            #expect(try await bench.isTaken([.request: try bench.signed(type: type)]), "\(type.name)")
        }
    }

    @Test(.spec("A-72", "A-81", "RFC 9101 §6.2"))
    func whateverFailsLooksTheSameFromOutside() async throws {
        let bench = try await RequestObjectBench(takesEncryption: true)
        let sound = try bench.signed()
        let parts = sound.split(separator: ".").map(String.init)
        let none = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))
        let flipped = String(parts[2].dropFirst(2)) + "AA"
        let foreign = try bench.signed(by: try SigningKey.generate())
        let published = try #require(bench.server.environment.keys.published?.encryptionKeys.first)
        let encrypter = try JWEEncrypter(
            to: published, algorithm: .ecdhES, encryption: .a256GCM, contentType: .jwt)
        let stranger = try JWEEncrypter(
            to: try DecryptionKey.generate(.p256).publicKey, algorithm: .ecdhES, encryption: .a256GCM, contentType: .jwt
        )
        var changed = try encrypter.encrypt(sound).split(separator: ".", omittingEmptySubsequences: false).map(
            String.init)
        changed[4] = String(changed[4].reversed())
        let objects = [
            "eyJ", "a.b.c", "", "....", "\(none).\(parts[1]).", "\(parts[0]).\(parts[1]).",
            "\(parts[0]).\(parts[1]).\(flipped)", foreign, try stranger.encrypt(sound), try encrypter.encrypt(foreign),
            try encrypter.encrypt("\(none).\(parts[1])."), try encrypter.encrypt("plain"),
            changed.joined(separator: "."),
            String(repeating: "x", count: 5_000), sound + "." + parts[2],
        ].filter { !$0.isEmpty }
        for object in objects {
            let refusal = try #require(try await bench.refusal([.request: object]), "\(object.prefix(60))")
            #expect(refusal.code == .invalidRequestObject)
            #expect(refusal.summary.description == "the request object cannot be verified")
            #expect(refusal.advice?.hasPrefix("the request object is refused: ") == true)
        }
        #expect(try await bench.isTaken([.request: sound]))
        #expect(try await bench.isTaken([.request: try encrypter.encrypt(sound)]))
    }

    @Test(.spec("A-72", "OpenID Connect Registration §2"))
    func onlyTheRegisteredAlgorithmIsTaken() async throws {
        let bench = try await RequestObjectBench(members: ["request_object_signing_alg": "ES256"])
        #expect(try await bench.isTaken([.request: try bench.signed()]))
        let other = try await RequestObjectBench(members: ["request_object_signing_alg": "PS256"])
        let refusal = try await other.refusal([.request: try other.signed()])
        #expect(refusal?.code == .invalidRequestObject && refusal?.advice?.contains("PS256") == true)
    }

    @Test(.spec("A-70", "A-71", "A-74"))
    func whoMayNotHaveOneIsToldSo() async throws {
        let bench = try await RequestObjectBench(hasKeys: false)
        #expect(try await bench.refusal([.request: "eyJ"])?.code == .requestNotSupported)
        #expect(try await bench.refusal([.requestURI: RequestObjectBench.address])?.code == .requestURINotSupported)
        let able = try await RequestObjectBench()
        #expect(try await able.refusal([.requestURI: RequestObjectBench.address])?.code == .requestURINotSupported)
        let object = try able.signed()
        let both: [Parameter: String?] = [.request: object, .requestURI: RequestObjectBench.address]
        #expect(try await able.refusal(both)?.code == .invalidRequest)
        #expect(try await able.decide([.request: object, .clientID: nil]).page == .invalidRequest)
        #expect(try await able.decide([.request: object, .clientID: "shop"]).answer == nil)
        #expect(try await able.isTaken([.request: object]))
    }

    @Test(.spec("A-20", "RFC 9101 §10.4"))
    func nobodyIsSentAnywhereByAnObjectThatCannotBeBelieved() async throws {
        let bench = try await RequestObjectBench()
        let foreign = try bench.signed(by: try SigningKey.generate())
        #expect(try await bench.decide([.request: foreign, .redirectURI: nil]).page == .invalidRequestObject)
        let evil: [Parameter: String?] = [.request: foreign, .redirectURI: "https://evil.example/"]
        #expect(try await bench.decide(evil).page == .invalidRequestObject)
        let inside = try bench.signed(["redirect_uri": "https://evil.example/"])
        #expect(try await bench.decide([.request: inside]).page == .invalidRequest)
        #expect(try await bench.isTaken([.request: try bench.signed()]))
    }

    @Test func theOperatorIsToldWhatWasInside() async throws {
        let bench = try await RequestObjectBench()
        let object = try bench.signed(["redirect_uri": "https://shop.example/a/", "login_hint": "canary@example.org"])
        guard case .page(let error) = try await bench.decide([.request: object]) else { throw WrongTurn() }
        let form = try FormParameters(decoding: bench.request([.request: object]))
        let explanation = Explanation(of: error, to: form, from: bench.client)
        #expect(explanation.received.contains("request (\(object.utf8.count) bytes)"))
        #expect(explanation.advice.hasPrefix("the request object says client_id=jar, "))
        #expect(explanation.advice.contains("by a trailing slash: https://shop.example/a"))
        #expect(!"\(explanation)".contains("canary"))
        let late = try bench.signed(["exp": .integer(bench.server.clock.now.seconds - 60)])
        let refusal = try #require(try await bench.refusal([.request: late]))
        let told = Explanation(of: refusal, to: form, from: bench.client)
        #expect(told.advice == "its exp was 60 seconds ago" && told.section == "RFC 7519 §4.1.4")
    }

    @Test(.spec("H-09"))
    func nothingComesTwiceBesideIt() async throws {
        let bench = try await RequestObjectBench()
        let object = try bench.signed()
        let form = bench.request([.request: object]) + Array("&request=\(object)".utf8)
        let answer = try await AuthorizationEndpoint(bench.server.environment)
            .respond(to: form, from: bench.server.browser()).answer
        #expect(answer?.refusal == .invalidRequest)
        #expect(try await bench.isTaken([.request: object]))
    }
}
