import JOSE
import JSON
import Testing

@testable import TokenVerifier

@Suite("RFC 9470 step-up challenges")
struct SignInDemandTests {
    @Test(
        arguments: [
            (SignInDemand(contexts: ["phr", "mfa"], within: 300), ", acr_values=\"phr mfa\", max_age=\"300\""),
            (SignInDemand(within: -5), ", max_age=\"0\""),
            (SignInDemand(contexts: ["a\"b\\\n"]), ", acr_values=\"ab\""),
        ])
    func sayWhatIsNeeded(_ demand: SignInDemand, _ end: String) {
        let refusal = TokenRefusal.insufficientSignIn(demand)
        #expect(refusal.status == 401)
        #expect(
            refusal.challenge(realm: "api")
                == "Bearer realm=\"api\", error=\"insufficient_user_authentication\", "
                + "error_description=\"a stronger or fresher sign-in is needed\"" + end)
    }

    @Test func lookAtHowAndWhenThePersonSignedIn() async throws {
        let issuer = try Issuer()
        let verifier = AccessTokenVerifier(
            TokenRules(issuer: Issuer.url, audience: "https://api.example"),
            keys: try IssuerKeys(JWKSet([issuer.key.publicKey])), clock: FixedClock())
        let now = FixedClock.start
        let good = try await verifier.verify(
            try issuer.accessToken(["acr": "phr", "auth_time": .integer(now - 300)]))
        try verifier.require(SignInDemand(contexts: ["mfa", "phr"], within: 300), of: good)
        try verifier.require(SignInDemand(), of: good)
        for demand in [SignInDemand(contexts: ["mfa"]), SignInDemand(within: 200)] {
            #expect(throws: TokenRefusal.insufficientSignIn(demand)) { try verifier.require(demand, of: good) }
        }
        // A token that says nothing of it is never enough.
        let bare = try await verifier.verify(try issuer.accessToken())
        try verifier.require(SignInDemand(), of: bare)
        for demand in [SignInDemand(contexts: ["phr"]), SignInDemand(within: .max)] {
            #expect(throws: TokenRefusal.insufficientSignIn(demand)) { try verifier.require(demand, of: bare) }
        }
    }
}
