import JOSE
import JSON
import Testing

@testable import TokenVerifier

@Suite("OpenID Connect Core §3.1.3.7 ID tokens at a client", .timeLimit(.minutes(10)))
struct IDTokenVerifierTests {
    let issuer: Issuer
    let clock = FixedClock()

    init() throws { issuer = try Issuer() }

    private func verifier(trusting others: Set<String> = []) throws -> IDTokenVerifier {
        IDTokenVerifier(
            TokenRules(issuer: Issuer.url, audience: "app"), keys: IssuerKeys(try JWKSet([issuer.key.publicKey])),
            trustedAudiences: others, clock: clock)
    }

    private func fault(
        _ change: JSONObject = [:], _ nonce: IDTokenVerifier.Nonce = .exactly("n-1"), maxAge: Duration? = nil,
        type: JWSType? = "JWT", trusting others: Set<String> = []
    ) async throws -> TokenRefusal? {
        let (verifier, token) = (try verifier(trusting: others), try issuer.idToken(change, type: type))
        return await refusal { () throws(TokenRefusal) in
            try await verifier.verify(token, nonce: nonce, maxAge: maxAge)
        }
    }

    @Test func sayWhoSignedIn() async throws {
        let token = try await verifier().verify(
            try issuer.idToken(["acr": "high", "email": "ada@example.org"]), nonce: .exactly("n-1"))
        #expect(token.subject == "ada")
        #expect(token.authenticatedAt == FixedClock.start - 60)
        #expect(token.authenticationContext == "high")
        #expect(token.authenticationMethods == ["pwd", "otp"])
        #expect(token["email"] == "ada@example.org")
    }

    @Test func needTheNonceOfTheRequest() async throws {
        #expect(try await fault([:], .exactly("n-1")) == nil)
        #expect(try await fault([:], .exactly("n-2")) == .invalidToken(.wrongNonce))
        #expect(try await fault(["nonce": .null], .exactly("n-1")) == .invalidToken(.wrongNonce))
        #expect(try await fault(["nonce": 1], .exactly("1")) == .invalidToken(.wrongNonce))
        #expect(try await fault([:], .absentOr("n-1")) == nil)
        #expect(try await fault(["nonce": .null], .absentOr("n-1")) == nil)
        #expect(try await fault([:], .absentOr("n-2")) == .invalidToken(.wrongNonce))
        #expect(try await fault(["nonce": .null], .absent) == nil)
        #expect(try await fault([:], .absent) == .invalidToken(.wrongNonce))
    }

    @Test func areForThisClientAndNobodyElse() async throws {
        #expect(try await fault(["aud": "other"]) == .invalidToken(.jwt(.wrongAudience)))
        #expect(try await fault(["aud": ["app"]]) == nil)
        #expect(try await fault(["aud": ["app", "other"], "azp": "app"]) == .invalidToken(.untrustedAudience))
        #expect(try await fault(["aud": ["app", "other"], "azp": "app"], trusting: ["other"]) == nil)
        #expect(try await fault(["aud": ["app", "other"]], trusting: ["other"]) == .invalidToken(.missingClaim("azp")))
        #expect(try await fault(["azp": "app"]) == nil)
        #expect(try await fault(["azp": "other"]) == .invalidToken(.wrongAuthorizedParty))
        #expect(try await fault(["azp": 1]) == .invalidToken(.wrongAuthorizedParty))
    }

    @Test func areNoOtherTokens() async throws {
        #expect(try await fault(type: nil) == nil)
        #expect(try await fault(type: "at+jwt") == .invalidToken(.jwt(.wrongType)))
        #expect(try await fault(type: "logout+jwt") == .invalidToken(.jwt(.wrongType)))
        #expect(try await fault(["sub": .null]) == .invalidToken(.jwt(.missingClaim(.subject))))
        #expect(try await fault(["iat": .null]) == .invalidToken(.jwt(.missingClaim(.issuedAt))))
        #expect(try await fault(["iss": "https://other.example"]) == .invalidToken(.jwt(.wrongIssuer)))
        #expect(try await fault(["exp": .integer(FixedClock.start - 10)]) == .invalidToken(.jwt(.expired)))
    }

    @Test func tellHowLongAgoTheSignInWas() async throws {
        #expect(try await fault(maxAge: .seconds(50)) == nil)
        #expect(try await fault(maxAge: .seconds(49)) == .invalidToken(.staleAuthentication))
        #expect(
            try await fault(["auth_time": .null], maxAge: .seconds(50)) == .invalidToken(.missingClaim("auth_time")))
        #expect(try await fault(["auth_time": .null]) == nil)
        #expect(
            try await fault(["auth_time": .integer(Int64.min / 2048)], maxAge: .seconds(50))
                == .invalidToken(.staleAuthentication))
    }

    @Test("at_hash and c_hash tie a token and a code to it")
    func hashes() async throws {
        // OpenID Connect Core appendix A.4 and A.6, which sign with RS256: the same hash function.
        let token = try await verifier().verify(
            try issuer.idToken(["at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "c_hash": "LDktKdoQak3Pk0cnXxCltA"]),
            nonce: .exactly("n-1"))
        #expect(token.goes(withAccessToken: "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == true)
        #expect(token.goes(withAccessToken: "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Z") == false)
        #expect(token.goes(withCode: "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk") == true)
        #expect(token.goes(withCode: "Qcb0Orv1zh30vL1MPRsbm") == false)
        let silent = try await verifier().verify(try issuer.idToken(["c_hash": 1]), nonce: .exactly("n-1"))
        #expect(silent.goes(withAccessToken: "a") == nil)
        #expect(silent.goes(withCode: "a") == false)
    }
}
