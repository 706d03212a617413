import JOSE
import JSON
import Testing

@testable import TokenVerifier

@Suite("RFC 9068 access tokens at a resource server", .timeLimit(.minutes(10)))
struct AccessTokenVerifierTests {
    let issuer: Issuer
    let clock = FixedClock()

    init() throws { issuer = try Issuer() }

    private func verifier(
        _ profile: AccessTokenVerifier.Profile = .rfc9068, boundTokens: AccessTokenVerifier.BoundTokens = .refused,
        keys: IssuerKeys? = nil, change: (inout TokenRules) -> Void = { _ in }
    ) throws -> AccessTokenVerifier {
        var rules = TokenRules(issuer: Issuer.url, audience: "https://api.example")
        change(&rules)
        return AccessTokenVerifier(
            rules, keys: try keys ?? IssuerKeys(JWKSet([issuer.key.publicKey])), profile: profile,
            boundTokens: boundTokens, clock: clock)
    }

    @Test func sayWhoMayDoWhat() async throws {
        let token = try await verifier().verify(try issuer.accessToken(["tenant": "blue"]))
        #expect(token.subject == "ada")
        #expect(token.clientID == "app")
        #expect(token.scopes == ["read", "write"])
        #expect(token.expiresAt == FixedClock.start + 900)
        #expect(token.keyID == issuer.key.keyID)
        #expect(token["tenant"] == "blue")
        #expect(!token.isBound)
        try token.require("read")
        try token.require("read", "write")
        #expect(throws: TokenRefusal.insufficientScope(["read", "admin"])) { try token.require("read", "admin") }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: JSONObject
        var type: String = "at+jwt"
        let fault: TokenFault
        var neighbour: JSONObject = [:]
    }

    @Test(arguments: [
        Refusal(
            testDescription: "another issuer", change: ["iss": "https://id.example/"], fault: .jwt(.wrongIssuer)),
        Refusal(
            testDescription: "another audience", change: ["aud": "https://api.example/"], fault: .jwt(.wrongAudience),
            neighbour: ["aud": ["web", "https://api.example"]]),
        Refusal(
            testDescription: "no audience", change: ["aud": .null], fault: .jwt(.missingClaim(.audience))),
        Refusal(
            testDescription: "over", change: ["exp": .integer(FixedClock.start - 10)], fault: .jwt(.expired),
            neighbour: ["exp": .integer(FixedClock.start - 9)]),
        Refusal(testDescription: "without an end", change: ["exp": .null], fault: .jwt(.missingClaim(.expiresAt))),
        Refusal(
            testDescription: "not yet", change: ["nbf": .integer(FixedClock.start + 11)], fault: .jwt(.notYetValid),
            neighbour: ["nbf": .integer(FixedClock.start + 10)]),
        Refusal(testDescription: "an ID token", change: [:], type: "JWT", fault: .jwt(.wrongType)),
        Refusal(testDescription: "no subject", change: ["sub": .null], fault: .jwt(.missingClaim(.subject))),
        Refusal(testDescription: "an empty subject", change: ["sub": ""], fault: .jwt(.missingClaim(.subject))),
        Refusal(testDescription: "no client", change: ["client_id": .null], fault: .missingClaim("client_id")),
        Refusal(testDescription: "no name", change: ["jti": .null], fault: .jwt(.missingClaim(.jwtID))),
        Refusal(testDescription: "no beginning", change: ["iat": .null], fault: .jwt(.missingClaim(.issuedAt))),
        Refusal(
            testDescription: "scopes of another kind", change: ["scope": 1], fault: .missingClaim("scope"),
            neighbour: ["scope": .null]),
        Refusal(
            testDescription: "bound to a key", change: ["cnf": ["jkt": "x"]], fault: .boundToken,
            neighbour: ["confirmation": ["jkt": "x"]]),
    ])
    func refuses(_ refusal: Refusal) async throws {
        let verifier = try verifier()
        let token = try issuer.accessToken(refusal.change, type: JWSType(stringLiteral: refusal.type))
        // Twice: a refusal is not remembered as anything else.
        for _ in 0..<2 {
            #expect(
                await TokenVerifierTests.refusal { () throws(TokenRefusal) in try await verifier.verify(token) }
                    == .invalidToken(refusal.fault))
        }
        _ = try await verifier.verify(try issuer.accessToken(refusal.neighbour))
    }

    @Test func refusesOtherKeysAndForgeries() async throws {
        let (verifier, stranger) = (try verifier(), try Issuer())
        let good = try issuer.accessToken()
        _ = try await verifier.verify(good)
        let foreign = try stranger.accessToken()
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(foreign) }
                == .invalidToken(.jwt(.unknownKey)))
        var forged = Array(good.utf8)
        let place = forged.count - 20
        forged[place] = forged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let text = String(decoding: forged, as: UTF8.self)
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(text) }
                == .invalidToken(.jwt(.invalidSignature)))
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify("a.b") }
                == .invalidToken(.jwt(.malformedToken)))
        let long = String(repeating: "a", count: CompactJWS.limit + 1)
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(long) }
                == .invalidToken(.jwt(.oversize)))
    }

    @Test func takesTheListedAlgorithmsAlone() async throws {
        let token = try issuer.accessToken()
        let none = try verifier { $0.algorithms = [] }
        #expect(
            await refusal { () throws(TokenRefusal) in try await none.verify(token) }
                == .invalidToken(.jwt(.wrongAlgorithm)))
        _ = try await verifier { $0.algorithms = [.es256] }.verify(token)
    }

    @Test func withoutAnAudienceRefusesEverything() async throws {
        let token = try issuer.accessToken()
        let nobody = AccessTokenVerifier(
            TokenRules(issuer: Issuer.url, audiences: []), keys: IssuerKeys(try JWKSet([issuer.key.publicKey])),
            clock: clock)
        #expect(
            await refusal { () throws(TokenRefusal) in try await nobody.verify(token) }
                == .invalidToken(.jwt(.wrongAudience)))
        _ = try await verifier().verify(token)
    }

    @Test func leavesTheProofToTheCallerWhereTold() async throws {
        let token = try issuer.accessToken(["cnf": ["jkt": "k", "x5t#S256": "c"]])
        let bound = try await verifier(boundTokens: .callerVerifiesProof).verify(token)
        #expect(bound.isBound)
        #expect(bound.confirmation.keyThumbprint == "k")
        #expect(bound.confirmation.certificateThumbprint == "c")
    }

    // MARK: Issuers older than RFC 9068

    @Test(arguments: [JWSType?.some("JWT"), nil])
    func takesPlainTokensWhereTold(_ type: JWSType?) async throws {
        let verifier = try verifier(.plainJWT)
        let change: JSONObject = ["jti": .null, "client_id": .null, "scope": .null, "scp": ["a", "b"], "azp": "app"]
        let token = try await verifier.verify(try issuer.accessToken(change, type: type))
        #expect(token.clientID == "app")
        #expect(token.scopes == ["a", "b"])
        let strict = try self.verifier()
        let text = try issuer.accessToken(type: type)
        #expect(
            await refusal { () throws(TokenRefusal) in try await strict.verify(text) }
                == .invalidToken(.jwt(.wrongType)))
    }

    @Test(arguments: ["nonce", "at_hash", "c_hash", "s_hash"])
    func takesNoIDTokenForAPlainOne(_ mark: String) async throws {
        let verifier = try verifier(.plainJWT)
        let token = try issuer.accessToken([mark: "x"], type: "JWT")
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(token) } == .invalidToken(.idToken))
        _ = try await verifier.verify(try issuer.accessToken(type: "JWT"))
    }

    // MARK: Tokens that were seen before

    @Test func areRemembered() async throws {
        let verifier = try verifier()
        let token = try issuer.accessToken()
        let first = try await verifier.verify(token)
        #expect(try await verifier.verify(token) === first)
    }

    @Test func endAllTheSame() async throws {
        let verifier = try verifier()
        let token = try issuer.accessToken()
        _ = try await verifier.verify(token)
        clock.advance(by: .seconds(909))
        _ = try await verifier.verify(token)
        clock.advance(by: .seconds(1))
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(token) }
                == .invalidToken(.jwt(.expired)))
        clock.advance(by: .seconds(-921))
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(token) }
                == .invalidToken(.jwt(.notYetValid)))
    }

    @Test func areForgottenWhenTheirKeyGoes() async throws {
        let other = try Issuer()
        let source = try ScriptedSource([issuer.key.publicKey, other.key.publicKey])
        let keys = IssuerKeys(at: "keys", by: source, clock: clock)
        let verifier = try verifier(keys: keys)
        let (token, stays) = (try issuer.accessToken(), try other.accessToken())
        _ = try await verifier.verify(token)
        try source.publish([other.key.publicKey])
        _ = try await verifier.verify(token)
        clock.advance(by: .seconds(300))
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(token) }
                == .invalidToken(.jwt(.unknownKey)))
        _ = try await verifier.verify(stays)
    }

    @Test func areKeptWhenAKeyIsAdded() async throws {
        let source = try ScriptedSource([issuer.key.publicKey])
        let verifier = try verifier(keys: IssuerKeys(at: "keys", by: source, clock: clock))
        let token = try issuer.accessToken()
        let first = try await verifier.verify(token)
        try source.publish([issuer.key.publicKey, Issuer().key.publicKey])
        clock.advance(by: .seconds(300))
        #expect(try await verifier.verify(token) === first)
        #expect(source.requests.count == 2)
    }

    // MARK: Keys that cannot be had

    @Test func areNobodysFaultButTheIssuers() async throws {
        let source = try ScriptedSource([issuer.key.publicKey])
        source.failure = .unreachable
        let verifier = try verifier(keys: IssuerKeys(at: "keys", by: source, clock: clock))
        let token = try issuer.accessToken()
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(token) }
                == .keysUnavailable(.unreachable))
        source.failure = nil
        clock.advance(by: .seconds(10))
        _ = try await verifier.verify(token)
    }

    @Test func doNotOutliveTheirBoundForRememberedTokensEither() async throws {
        let source = try ScriptedSource([issuer.key.publicKey])
        var policy = KeySetPolicy()
        policy.staleness = .seconds(100)
        let verifier = try verifier(keys: IssuerKeys(at: "keys", by: source, policy: policy, clock: clock))
        let token = try issuer.accessToken()
        _ = try await verifier.verify(token)
        source.failure = .timedOut
        clock.advance(by: .seconds(399))
        _ = try await verifier.verify(token)
        clock.advance(by: .seconds(1))
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(token) } == .keysUnavailable(.timedOut)
        )
    }

    @Test func aStrangersTokenCausesNoRequest() async throws {
        let source = try ScriptedSource([issuer.key.publicKey])
        let verifier = try verifier(keys: IssuerKeys(at: "keys", by: source, clock: clock))
        _ = try await verifier.verify(try issuer.accessToken())
        let stranger = try Issuer()
        let elsewhere = try stranger.accessToken(["iss": "https://other.example"])
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(elsewhere) }
                == .invalidToken(.jwt(.wrongIssuer)))
        #expect(source.requests.count == 1)
        // One that claims to be this issuer's could be signed by its newest key.
        let newest = try stranger.accessToken()
        #expect(
            await refusal { () throws(TokenRefusal) in try await verifier.verify(newest) }
                == .invalidToken(.jwt(.unknownKey)))
        #expect(source.requests.count == 2)
    }
}
