import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("A connector is tried without a person")
struct UpstreamCheckTests {
    /// A provider with a page at its authorization endpoint.
    private struct Paged: UpstreamTransport {
        let provider: ScriptedUpstream
        var pageStatus = 200
        var tokenAnswer: UpstreamAnswer?

        func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
            if request.address.hasPrefix(provider.issuer + "/authorize?") {
                return UpstreamAnswer(status: pageStatus, body: Array("<html>".utf8))
            }
            if let tokenAnswer, request.address.hasSuffix("/token") { return tokenAnswer }
            return try await provider.send(request)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var misbehaviour: ScriptedUpstream.Misbehaviour?
        var secret: String?
        var pageStatus = 200
        var tokenAnswer: (status: Int, body: String)?
        let outcomes: [UpstreamCheck.Outcome]
    }

    static let cases: [Case] = [
        Case(testDescription: "all is well", outcomes: [.passed, .passed, .passed, .passed]),
        Case(
            testDescription: "sends people on to a page", pageStatus: 302,
            outcomes: [.passed, .passed, .passed, .passed]),
        Case(
            testDescription: "refuses the request", pageStatus: 400,
            outcomes: [.passed, .passed, .passed, .failed(.refusedRequest)]),
        Case(
            testDescription: "fails at the request", pageStatus: 503,
            outcomes: [.passed, .passed, .passed, .failed(.serverError)]),
        Case(testDescription: "dead", misbehaviour: .dead, outcomes: [.failed(.unreachable)]),
        Case(
            testDescription: "calls itself otherwise", misbehaviour: .otherIssuerInDiscovery,
            outcomes: [.failed(.wrongDiscoveryIssuer)]),
        Case(
            testDescription: "no document", misbehaviour: .brokenDiscovery, outcomes: [.failed(.malformedDiscovery)]),
        Case(
            testDescription: "names an address of ours", misbehaviour: .privateTokenEndpoint,
            outcomes: [.failed(.unsafeAddress)]),
        Case(
            testDescription: "keys beyond the bound", misbehaviour: .hugeKeySet,
            outcomes: [.passed, .failed(.answerTooLarge), .passed, .passed]),
        Case(
            testDescription: "another secret", secret: "another",
            outcomes: [.passed, .passed, .failed(.refusedClient), .passed]),
        Case(
            testDescription: "does not know us", misbehaviour: .refusesTheClient,
            outcomes: [.passed, .passed, .failed(.refusedClient), .passed]),
        Case(
            testDescription: "another redirect URI", tokenAnswer: (400, #"{"error":"redirect_uri_mismatch"}"#),
            outcomes: [.passed, .passed, .failed(.wrongRedirectURI), .passed]),
        Case(
            testDescription: "fails at the token endpoint", misbehaviour: .failsAtTheTokenEndpoint,
            outcomes: [.passed, .passed, .failed(.serverError), .passed]),
        Case(
            testDescription: "answers no JSON", misbehaviour: .malformedTokenAnswer,
            outcomes: [.passed, .passed, .failed(.malformedTokenResponse), .passed]),
        // It says neither that it takes us nor that it does not.
        Case(
            testDescription: "refuses the code by a word of its own",
            tokenAnswer: (400, #"{"error":"invalid_request"}"#),
            outcomes: [.passed, .passed, .open, .passed]),
        Case(
            testDescription: "takes a code that it never gave", tokenAnswer: (200, #"{"access_token":"x"}"#),
            outcomes: [.passed, .passed, .open, .passed]),
    ]

    @Test(arguments: cases)
    func saysWhichStepIsWrong(_ example: Case) async throws {
        let setup = try FederationSetup()
        if let misbehaviour = example.misbehaviour { setup.provider.misbehave(misbehaviour) }
        let answer = example.tokenAnswer.map { UpstreamAnswer(status: $0.status, body: Array($0.body.utf8)) }
        let transport = Paged(provider: setup.provider, pageStatus: example.pageStatus, tokenAnswer: answer)
        let upstream = try Upstream(try setup.connector(secret: example.secret), setup.parts(over: transport))
        let checks = await upstream.check()
        #expect(checks.map(\.outcome) == example.outcomes)
        #expect(checks.map(\.part) == Array(UpstreamCheck.Part.allCases.prefix(checks.count)))
    }

    // Nobody signs tokens there.
    @Test func withoutIDTokensThereAreNoKeysToTry() async throws {
        let setup = try FederationSetup()
        let issuer = setup.provider.issuer
        let settings: JSONObject = [
            "authorization_endpoint": .string(issuer + "/authorize"), "token_endpoint": .string(issuer + "/token"),
            "userinfo_endpoint": .string(issuer + "/userinfo"),
        ]
        let upstream = try Upstream(
            try setup.connector(kind: .oauth2, settings: settings),
            setup.parts(over: Paged(provider: setup.provider)))
        let checks = await upstream.check()
        #expect(checks.map(\.part) == [.discovery, .client, .request])
        #expect(checks.allSatisfy { $0.outcome == .passed })
        #expect(setup.provider.calls == [issuer + "/token"])
    }
}
