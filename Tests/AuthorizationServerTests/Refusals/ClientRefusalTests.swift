import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("What an operator is told of a client that did not prove itself")
struct ClientRefusalTests {
    /// What came of it, which always looks the same from outside.
    private static func explain(_ body: () async throws -> Client) async throws -> Explanation {
        do {
            _ = try await body()
        } catch let refusal as OAuthError {
            #expect(refusal.code == .invalidClient && refusal.cause == nil)
            #expect(refusal.summary.description == "client authentication failed")
            return Explanation(of: refusal, to: FormParameters(), from: nil)
        }
        throw NothingRefused()
    }

    private struct NothingRefused: Error {}

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: @Sendable (Int64) -> JSONObject

        init(_ advice: String, _ changes: @escaping @Sendable (Int64) -> JSONObject) {
            (testDescription, self.changes) = (advice, changes)
        }
    }

    @Test(
        arguments: [
            Fault("its aud is the token endpoint: this client must use the issuer, https://id.example") { _ in
                ["aud": "https://id.example/token"]
            },
            Fault("its aud is the endpoint: this client") { _ in ["aud": "https://id.example/introspect"] },
            Fault("its aud is a list: this client") { _ in ["aud": ["https://id.example"]] },
            Fault("its aud is another one: this client") { _ in ["aud": "https://evil.example/canary"] },
            Fault("it has no aud: this client") { _ in ["aud": .null] },
            Fault("its exp is past") { ["exp": .integer($0 - 300)] },
            Fault("its exp is more than an hour ahead") { ["exp": .integer($0 + 7300)] },
            Fault("exp is missing") { _ in ["exp": .null] },
            Fault("its nbf is in the future") { ["nbf": .integer($0 + 300)] },
            Fault("its iat is in the future") { ["iat": .integer($0 + 300)] },
            Fault("its jti must have 1 to 512 bytes") { _ in ["jti": .null] },
        ])
    func theClaimAtFaultIsNamed(_ fault: Fault) async throws {
        let bench = try await AssertionBench()
        let assertion = try bench.assertion(fault.changes(bench.server.clock.now.seconds))
        let told = try await Self.explain { try await bench.authenticate(assertion, at: "/introspect") }
        #expect(told.advice.contains(fault.testDescription), "\(told.advice)")
        #expect(told.section.hasPrefix("RFC 7523 §3") && !told.advice.contains("canary"))
    }

    @Test func keysAlgorithmsAndSecondUsesAreTold() async throws {
        let bench = try await AssertionBench()
        let once = try bench.assertion()
        _ = try await bench.authenticate(once)
        #expect(try await Self.explain { try await bench.authenticate(once) }.advice.contains("jti was used before"))
        let foreign = try bench.assertion(by: SigningKey.generate(.es256))
        let advice = try await Self.explain { try await bench.authenticate(foreign) }.advice
        #expect(advice.contains("no key has its kid"), "\(advice)")
        let other = try bench.assertion(type: "at+jwt")
        #expect(try await Self.explain { try await bench.authenticate(other) }.advice.contains("its typ"))
        let registered = try await AssertionBench(.rs256, members: ["token_endpoint_auth_signing_alg": "PS256"])
        let wrong = try registered.assertion()
        #expect(
            try await Self.explain { try await registered.authenticate(wrong) }.advice.contains("alg must be PS256"))
        let gone = try await AssertionBench(at: "https://robot.example/jwks")
        gone.documents.fail()
        let unreachable = try gone.assertion()
        #expect(
            try await Self.explain { try await gone.authenticate(unreachable) }.advice.contains("keys cannot be had"))
    }

    @Test func secretsAndMethodsAreTold() async throws {
        let server = try await TestServer()
        let client = try await server.register(.confidential())
        let authentication = ClientAuthentication(server.environment)
        func advice(_ id: String, _ form: [Parameter: String]) async throws -> Explanation {
            var form = form
            form[.clientID] = id
            let credentials = try ClientCredentials(authorization: nil, form: FormParameters(form))
            return try await Self.explain { try await authentication.authenticate(credentials) }
        }
        #expect(try await advice("nobody", [:]).advice == "no client has this client_id")
        #expect(
            try await advice(client.id.rawValue, [.clientSecret: "wrong"]).advice == "the secret is not the client's")
        let none = try await advice(client.id.rawValue, [:])
        #expect(none.advice.hasPrefix("the client came by none, and is registered for client_secret_"))
        #expect(none.section == "RFC 6749 §2.3.1")
    }

    @Test func aSecretWhoseTimeIsOverIsTold() async throws {
        let server = try await TestServer()
        var client = Client.confidential()
        let now = server.clock.now
        client.formerSecret = FormerSecret(
            digest: TokenDigest(of: "the secret before"), sealed: nil, expiresAt: now)
        client = try await server.register(client)
        let credentials = try ClientCredentials(
            authorization: nil,
            form: FormParameters([.clientID: client.id.rawValue, .clientSecret: "the secret before"]))
        let told = try await Self.explain {
            try await ClientAuthentication(server.environment).authenticate(credentials)
        }
        #expect(told.advice == "the secret is the one before, and its time is over: use the newest")
    }

    @Test(
        arguments: [
            ([.clientAssertion: "x"], "client_assertion_type must be urn:ietf"),
            ([.clientAssertionType: ClientRefusalTests.type], "client_assertion is missing"),
            ([.clientAssertionType: ClientRefusalTests.type, .clientAssertion: "a.b"], "is no JWT"),
            (
                [.clientAssertionType: ClientRefusalTests.type, .clientAssertion: ClientRefusalTests.foreign],
                "iss and sub"
            ),
        ] as [([Parameter: String], String)])
    func aMalformedAssertionIsTold(_ form: [Parameter: String], _ advice: String) throws {
        do {
            _ = try ClientCredentials(authorization: nil, form: FormParameters(form))
            Issue.record("it was taken")
        } catch {
            #expect(error.advice?.contains(advice) ?? false, "\(error.advice ?? "")")
            #expect(error.rule.description.contains("RFC 7523 §2.2"))
        }
    }

    private static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    private static let foreign =
        Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)) + "."
        + Base64URL.encode(Array(#"{"iss":"a","sub":"b"}"#.utf8)) + ".AAAA"
}
