import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("private_key_jwt", .spec("RFC 7523 §3", "OpenID Connect Core §9"))
struct PrivateKeyJWTTests {
    @Test(arguments: [.es256, .ps256, .rs256, .edDSA] as [SignatureAlgorithm])
    func anAssertionProvesTheClient(_ algorithm: SignatureAlgorithm) async throws {
        let bench = try await AssertionBench(algorithm)
        #expect(try await bench.authenticate(bench.assertion()).id == bench.client.id)
        #expect(try await bench.authenticate(bench.assertion(), more: [.clientID: "robot"]).id == bench.client.id)
        let typed = try bench.assertion(type: "client-authentication+jwt")
        #expect(try await bench.authenticate(typed).id == bench.client.id)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: @Sendable (Int64) -> JSONObject

        init(_ description: String, _ changes: @escaping @Sendable (Int64) -> JSONObject) {
            (testDescription, self.changes) = (description, changes)
        }
    }

    @Test(
        .spec("C-12", "C-13", "C-14", "C-15", "C-16"),
        arguments: [
            Fault("no issuer") { _ in ["iss": .null] }, Fault("another issuer") { _ in ["iss": "shop"] },
            Fault("ensure-client-assertion-with-no-sub-fails") { _ in ["sub": .null] },
            Fault("another subject") { _ in ["sub": "shop"] },
            Fault("issuer and subject of another client") { _ in ["iss": "shop", "sub": "shop"] },
            Fault("no audience") { _ in ["aud": .null] },
            Fault("ensure-client-assertion-with-wrong-aud-fails") { _ in ["aud": "https://other.example"] },
            Fault("the issuer with a slash") { _ in ["aud": "https://id.example/"] },
            Fault("par-test-array-as-audience-fails") { _ in ["aud": ["https://id.example"]] },
            Fault("an audience more") { _ in ["aud": ["https://id.example", "https://other.example"]] },
            Fault("par-test-token-endpoint-url-as-audience-fails") { _ in ["aud": "https://id.example/token"] },
            Fault("no end") { _ in ["exp": .null] },
            Fault("ensure-client-assertion-with-exp-is-5-minutes-in-past-fails") { ["exp": .integer($0 - 300)] },
            Fault("an end at the moment") { ["exp": .integer($0 - 10)] },
            Fault("an end too far ahead") { ["exp": .integer($0 + 3611)] },
            Fault("par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails") {
                ["nbf": .integer($0 + 61)]
            },
            Fault("made in the future") { ["iat": .integer($0 + 61)] },
            Fault("no identifier") { _ in ["jti": .null] }, Fault("an empty identifier") { _ in ["jti": ""] },
            Fault("an endless identifier") { _ in ["jti": .string(String(repeating: "j", count: 513))] },
        ])
    func whatIsWrongInItIsRefused(_ fault: Fault) async throws {
        let bench = try await AssertionBench()
        let changes = fault.changes(bench.server.clock.now.seconds)
        #expect(try await bench.refusal(changes) == .invalidClient)
        #expect(try await bench.refusal([:]) == nil)
    }

    @Test(.spec("C-14"))
    func theLimitsAreWithin() async throws {
        let bench = try await AssertionBench()
        let now = bench.server.clock.now.seconds
        for changes: JSONObject in [
            ["exp": .integer(now - 9)], ["exp": .integer(now + 3610)], ["iat": .null],
            // par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted
            ["nbf": .integer(now + 8), "iat": .integer(now + 8)],
        ] {
            #expect(try await bench.refusal(changes) == nil, "\(changes)")
        }
    }

    @Test(.spec("C-15"))
    func countsOnceAlsoAmongMany() async throws {
        let bench = try await AssertionBench()
        let once = try bench.assertion()
        let outcomes = await withTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<16 { tasks.addTask { await refusal { try await bench.authenticate(once) } == nil } }
            return await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 1)
        // What was refused is not used up.
        #expect(try await bench.refusal(["jti": "a", "aud": "https://other.example"]) == .invalidClient)
        #expect(try await bench.refusal(["jti": "a"]) == nil)
        #expect(try await bench.refusal(["jti": "a"]) == .invalidClient)
        // As long as the signature would still be taken.
        let late = try bench.assertion(["jti": "late"])
        _ = try await bench.authenticate(late)
        bench.server.clock.advance(by: .seconds(69))
        _ = try await bench.server.storage.spent.sweep(expiredBy: bench.server.clock.now, limit: 99)
        #expect(await refusal { try await bench.authenticate(late) } == .invalidClient)
    }

    @Test(.spec("C-17", "C-18"))
    func anotherKeyOrAlgorithmProvesNothing() async throws {
        let bench = try await AssertionBench()
        let stranger = try SigningKey.generate(.es256)
        let foreign = try bench.assertion(by: stranger)
        #expect(await refusal { try await bench.authenticate(foreign) } == .invalidClient)
        // A secret made of the public key.
        let mac = try MACKey(Secret(JWKSet([bench.key.publicKey]).jsonBytes()), for: .hs256)
        _ = mac
        // `none`.
        let body = Base64URL.encode(bench.claims().jsonBytes())
        let none = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + "." + body + "."
        #expect(await refusal { try await bench.authenticate(none) } == .invalidClient)
        // Another token of the client's.
        for type: JWSType in ["at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt"] {
            let other = try bench.assertion(type: type)
            #expect(await refusal { try await bench.authenticate(other) } == .invalidClient)
        }
        _ = try await bench.authenticate(bench.assertion())
    }

    @Test(.spec("C-17"))
    func aRegisteredAlgorithmIsTheOnlyOne() async throws {
        let rsa = try await AssertionBench(.rs256, members: ["token_endpoint_auth_signing_alg": "PS256"])
        // ensure-signed-client-assertion-with-RS256-fails
        #expect(try await rsa.refusal([:]) == .invalidClient)
        let same = try await AssertionBench(.rs256, members: ["token_endpoint_auth_signing_alg": "RS256"])
        #expect(try await same.refusal([:]) == nil)
    }

    @Test(.spec("C-04", "C-05", "C-11", "C-19"))
    func comesAloneAndOfTheRightType() async throws {
        let bench = try await AssertionBench()
        let jwt = try bench.assertion()
        let type = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
        #expect(await refusal { try await bench.authenticate(jwt, type: type) } == .invalidClient)
        #expect(await refusal { try await bench.authenticate(jwt, type: nil) } == .invalidClient)
        #expect(await refusal { try await bench.authenticate(nil) } == .invalidClient)
        #expect(await refusal { try await bench.authenticate(jwt, more: [.clientSecret: "x"]) } == .invalidRequest)
        #expect(await refusal { try await bench.authenticate(jwt, authorization: "Basic eDp5") } == .invalidRequest)
        #expect(await refusal { try await bench.authenticate(jwt, more: [.clientID: "shop"]) } == .invalidClient)
        // Its name alone opens nothing, nor does an assertion of a client that registered another method.
        #expect(
            await refusal { try await bench.authenticate(nil, type: nil, more: [.clientID: "robot"]) } == .invalidClient
        )
        let shop = try bench.assertion(["iss": "shop", "sub": "shop"])
        #expect(await refusal { try await bench.authenticate(shop) } == .invalidClient)
        _ = try await bench.authenticate(jwt)
    }

    @Test(.spec("C-13"), arguments: ["/token", "/revoke"])
    func anExceptionLetsTheEndpointBeTheAudience(_ path: String) async throws {
        let bench = try await AssertionBench(members: ["martlet_compatibility": ["endpoint_audience"]])
        for audience: JSONValue in [
            "https://id.example", "https://id.example/token", .string("https://id.example\(path)"),
            ["https://id.example/token"],
        ] {
            let jwt = try bench.assertion(["aud": audience])
            #expect(await refusal { try await bench.authenticate(jwt, at: path) } == nil, "\(audience)")
        }
        for audience: JSONValue in [
            "https://id.example/introspect", "https://other.example",
            ["https://id.example/token", "https://other.example"],
        ] {
            let jwt = try bench.assertion(["aud": audience])
            #expect(await refusal { try await bench.authenticate(jwt, at: path) } == .invalidClient, "\(audience)")
        }
    }
}
