import AuthorizationServer
import MartletTesting
import OAuthTypes
import Testing

@Suite("RFC 9207 issuer identification", .spec("A-13", "THREATS mix-up"))
struct IssuerIdentificationTests {
    @Test(arguments: ResponseMode.allCases, ["https://id.example", "https://id.example/tenant"])
    func everyAnswerSaysWhoseItIs(_ mode: ResponseMode, _ issuer: String) async throws {
        let server = try await TestServer(issuer: issuer)
        let success = try await server.authorization([.responseMode: mode.rawValue])
        #expect(success[.issuer] == issuer)
        for changes in [[.scope: nil], [.prompt: "none"], [.responseType: "token"]] as [[Parameter: String?]] {
            let failure = try await server.decide(
                changes.merging([.responseMode: mode.rawValue]) { $1 }, from: server.browser())
            #expect(failure.answer?[.issuer] == issuer)
            #expect(failure.answer?[.error] != nil)
        }
    }

    @Test func aParameterOfTheRequestCannotTakeItsPlace() async throws {
        let server = try await TestServer()
        let answer = try await server.authorization([
            .issuer: "https://evil.example", .state: "a&iss=https://evil.example",
        ])
        #expect(answer.parameters.filter { $0.name == .issuer }.map(\.value) == ["https://id.example"])
        #expect(answer.location.split(separator: "iss=").count == 2)
    }
}
