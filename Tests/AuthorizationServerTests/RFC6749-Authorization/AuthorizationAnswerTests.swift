import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Answers of the authorization endpoint", .spec("RFC 6749 §4.1.2", "RFC 9207 §2", "A-08", "A-13"))
struct AuthorizationAnswerTests {
    @Test(arguments: [
        "x", "a b+c&d=e%20#?/\"'<>\\", "é€𝄞e\u{301}", "\r\nSet-Cookie: x=y", "\t",
        String(repeating: "s&=%", count: 250),
    ])
    func giveTheStateBackByteForByte(_ state: String) async throws {
        let server = try await TestServer()
        let answer = try await server.authorization([.state: state])
        let query = try #require(answer.location.split(separator: "?", maxSplits: 1).last)
        #expect(query.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        let read = try FormParameters(decoding: Array(query.utf8))
        #expect(Array((read[.state] ?? "").utf8) == Array(state.utf8))
        #expect(read[.issuer] == "https://id.example")
        #expect(read[.code] == answer[.code])
        #expect(read.names == [.code, .state, .issuer])
    }

    @Test func haveNoStateWhereThereWasNone() async throws {
        let server = try await TestServer()
        let answer = try await server.authorization([.state: nil])
        #expect(answer.parameters.map(\.name) == [.code, .issuer])
    }

    @Test(
        .spec("A-18"),
        arguments: [
            ("https://shop.example/cb", "https://shop.example/cb?code="),
            ("https://shop.example/cb?tenant=1", "https://shop.example/cb?tenant=1&code="),
            ("https://shop.example/cb?", "https://shop.example/cb?code="),
            ("com.example.shop:/cb", "com.example.shop:/cb?code="),
        ])
    func keepTheQueryThatWasRegistered(_ registered: String, _ start: String) async throws {
        let server = try await TestServer()
        let client = try await server.register(.confidential(redirectURIs: [registered]))
        #expect(try await server.authorization(for: client).location.hasPrefix(start))
    }

    @Test(.spec("A-92", "Multiple Response Types §5"))
    func goIntoTheFragmentAloneWhereAskedTo() async throws {
        let server = try await TestServer()
        let answer = try await server.authorization([.responseMode: "fragment"])
        #expect(answer.location.hasPrefix("https://shop.example/callback#code="))
        let error = try await server.decide([.responseMode: "fragment", .scope: nil], from: server.browser()).answer
        #expect(error?.location.hasPrefix("https://shop.example/callback#error=invalid_scope&") == true)
    }

    @Test(.spec("A-90", "A-91", "Form Post Response Mode §2"))
    func comeByFormWhereAskedTo() async throws {
        let server = try await TestServer()
        let answer = try await server.authorization([.responseMode: "form_post"])
        #expect(answer.mode == .formPost)
        #expect(answer.redirectURI.rawValue == "https://shop.example/callback")
        #expect(answer[.code] != nil)
        let error = try await server.decide([.responseMode: "form_post", .scope: nil], from: server.browser()).answer
        #expect(error?.mode == .formPost)
        #expect(error?[.error] == "invalid_scope")
    }

    @Test(.spec("A-21", "RFC 8252 §7.3"))
    func goToThePortThatANativeApplicationListensOn() async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(redirectURIs: ["http://127.0.0.1/cb"]))
        let answer = try await server.authorization([.redirectURI: "http://127.0.0.1:51004/cb"], for: app)
        #expect(answer.location.hasPrefix("http://127.0.0.1:51004/cb?code="))
    }

    @Test(
        .spec("A-20", "CVE-2024-1132"),
        arguments: [
            "https://shop.example/callback/../evil", "https://shop.example/callback?x",
            "https://shop.example@evil.example/",
            "https://shop.example/callback#", "http://shop.example/callback", "https://shop.example/Callback",
            "https://shop.example/callback%2f..%2fevil", "https://shop.example:443/callback", "javascript:alert(1)",
        ], ResponseMode.allCases)
    func passOneGateInEveryMode(_ address: String, _ mode: ResponseMode) async throws {
        let server = try await TestServer()
        let changes: [Parameter: String?] = [.redirectURI: address, .responseMode: mode.rawValue]
        #expect(try await server.decide(changes, from: server.browser()).page == .invalidRequest)
    }

    @Test(.spec("T-06"))
    func bringAFreshUnguessableCode() async throws {
        let server = try await TestServer()
        let codes = [try await server.authorize(), try await server.authorize()]
        #expect(Set(codes).count == 2)
        #expect(codes.allSatisfy { $0.utf8.count >= 43 && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } })
    }
}
