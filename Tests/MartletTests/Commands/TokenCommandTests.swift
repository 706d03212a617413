import JOSE
import JSON
import OAuthTypes
import Testing
import TokenVerifier

@testable import Martlet

@Suite("Tokens on the command line")
struct TokenCommandTests {
    private static let issuer = "https://id.example"
    /// A moment at which the tokens are good; what the verifiers ask is the machine's clock.
    private static let now = SystemClock().now.seconds

    let key: SigningKey

    init() throws { key = try SigningKey.generate() }

    private func token(_ change: JSONObject = [:], type: JWSType? = "at+jwt") throws -> String {
        var claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": "https://api.example", "sub": "ada", "client_id": "app",
            "iat": .integer(Self.now), "exp": .integer(Self.now + 86400), "jti": "1",
        ]
        for member in change { claims[member.name] = member.value.isNull ? nil : member.value }
        return try JWTSigner(key: key, type: type).sign(JSONValue.object(claims))
    }

    private func verdict(
        _ token: String, _ kind: TokenDemand.Kind = .accessToken(.rfc9068), audience: String = "https://api.example",
        keys: [PublicKey]? = nil
    ) async throws -> TokenVerdict {
        let demand = TokenDemand(kind: kind, audiences: [audience])
        return await demand.verdict(
            on: try DecodedToken(token), of: Self.issuer, IssuerKeys(try JWKSet(keys ?? [key.publicKey])))
    }

    @Test func aGoodTokenIsVerified() async throws {
        let verdict = try await verdict(try token())
        #expect(verdict.problem == nil && verdict.failure == nil && verdict.notes.isEmpty)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let check: String
        let change: JSONObject
        let found: String
        var testDescription: String { "\(check): \(found)" }

        init(_ check: String, _ change: JSONObject, _ found: String) {
            self.check = check
            self.change = change
            self.found = found
        }
    }

    @Test(arguments: [
        Fault(
            "issuer", ["iss": "https://id.example/"], "iss is https://id.example/, and it must be https://id.example"),
        Fault("audience", ["aud": ["a", "b"]], #"aud is ["a","b"], and it must be https://api.example"#),
        Fault("claims", ["aud": .null], "aud is missing"),
        Fault("claims", ["client_id": .null], "client_id is missing"),
        Fault("claims", ["exp": "soon"], "exp is soon"),
        Fault("time", ["exp": 1_700_000_000], "exp is 2023-11-14T22:13:20Z"),
        Fault("time", ["nbf": 5_000_000_000], "nbf is 2128-06-11T08:53:20Z"),
        Fault("issuer", ["iss": "\u{1B}[31mred"], "iss is \\u{1b}[31mred"),
    ])
    func theCheckThatFailedIsNamed(_ fault: Fault) async throws {
        let problem = try #require(try await verdict(try token(fault.change)).problem)
        #expect(problem.check == fault.check)
        #expect(problem.found.hasPrefix(fault.found), "\(problem.found)")
        #expect(!problem.advice.isEmpty)
    }

    @Test func typeKeyAndSignatureAreNamedToo() async throws {
        let idToken = try token(["aud": "app"], type: "JWT")
        #expect(try await verdict(idToken).problem?.check == "type")
        #expect(try await verdict(idToken, .idToken(nonce: nil), audience: "app").problem == nil)
        let other = try SigningKey.generate()
        #expect(try await verdict(try token(), keys: [other.publicKey]).problem?.check == "key")
        let good = try token()
        let forged = good.dropLast(10) + "AAAAAAAAAA"
        #expect(try await verdict(String(forged)).problem?.check == "signature")
    }

    @Test func theNonceIsComparedWhereItIsGiven() async throws {
        let idToken = try token(["aud": "app", "nonce": "n"], type: "JWT")
        let open = try await verdict(idToken, .idToken(nonce: nil), audience: "app")
        #expect(open.problem == nil && open.notes.count == 1)
        let right = try await verdict(idToken, .idToken(nonce: "n"), audience: "app")
        #expect(right.problem == nil && right.notes.isEmpty)
        #expect(try await verdict(idToken, .idToken(nonce: "m"), audience: "app").problem?.check == "nonce")
    }

    @Test func aBoundTokenIsGoodWithANote() async throws {
        let verdict = try await verdict(try token(["cnf": ["jkt": "x"]]))
        #expect(verdict.problem == nil && verdict.notes.count == 1)
    }

    @Test(arguments: [
        ("", 65), ("opaque", 65), ("a.b", 65), ("a.b.c.d", 65), ("e30.e30.=", 65), ("e30.W10.e30", 65), ("a b", 65),
        ("Basic e30.e30.e30", 65),
    ])
    func whatIsNoJWTIsToldApart(_ text: String, _ status: Int32) {
        let failure = #expect(throws: CommandFailure.self) { try DecodedToken(text) }
        #expect(failure?.status.rawValue == status)
        #expect(throws: Never.self) { try DecodedToken("e30.e30.e30") }
    }

    @Test func aHeaderFieldIsTakenToo() throws {
        let token = try token()
        for line in [token, "Bearer \(token)", "bearer  \(token)", "DPoP \(token)"] {
            #expect(try DecodedToken(line).text == token)
        }
    }

    @Test func anEncryptedTokenShowsItsHeader() throws {
        let decoded = try DecodedToken("eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d")
        #expect(decoded.claims == nil && decoded.header["alg"] == "RSA-OAEP")
    }

    @Test(arguments: [
        (1_700_000_000, "2023-11-14T22:13:20Z (now)"), (1_700_000_001, "2023-11-14T22:13:21Z (in 1 s)"),
        (1_699_999_000, "2023-11-14T21:56:40Z (16 min ago)"), (1_700_010_000, "2023-11-15T01:00:00Z (in 2 h)"),
        (1_600_000_000, "2020-09-13T12:26:40Z (1157 days ago)"),
    ])
    func momentsAreShownWithTheirDistance(_ seconds: Int64, _ text: String) {
        #expect(TokenText.moment(.integer(seconds), at: Timestamp(seconds: 1_700_000_000)) == text)
    }

    @Test(arguments: [JSONValue.string("x"), .number(1e300), .number(-1e11), .null])
    func whatIsNoMomentIsShownAsItIs(_ value: JSONValue) {
        #expect(TokenText.moment(value, at: Timestamp(seconds: 0)) == nil)
    }
}
