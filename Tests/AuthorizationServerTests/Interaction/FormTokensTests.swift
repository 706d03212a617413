import AuthorizationServer
import JSON
import MartletTesting
import Testing

@Suite("Form tokens", .spec("A-95", "ASVS 3.5.1", "E-10"))
struct FormTokensTests {
    @Test func openTheOneFormInTheOneBrowser() async throws {
        let tokens = try await TestServer().environment.formTokens
        let token = tokens.token(for: "interaction 1", browser: "mine")
        #expect(tokens.verifies(token, for: "interaction 1", browser: "mine"))
        #expect(!tokens.verifies(token, for: "interaction 2", browser: "mine"))
        #expect(!tokens.verifies(token, for: "interaction 1", browser: "theirs"))
        #expect(!tokens.verifies(token, for: "interaction 1", browser: ""))
        #expect(!tokens.verifies(token, for: "", browser: "mine"))
        // What is shared between secret and purpose cannot move from one to the other.
        #expect(!tokens.verifies(tokens.token(for: "b", browser: "a"), for: "", browser: "ab"))
        #expect(!tokens.verifies(tokens.token(for: "", browser: "ab"), for: "b", browser: "a"))
    }

    @Test func areRefusedWithAnyCharacterChanged() async throws {
        let tokens = try await TestServer().environment.formTokens
        let token = Array(tokens.token(for: "f", browser: "b").utf8)
        for position in token.indices {
            for other in "AB_=".utf8 where other != token[position] {
                var forged = token
                forged[position] = other
                #expect(!tokens.verifies(String(decoding: forged, as: UTF8.self), for: "f", browser: "b"))
            }
        }
        for forged in [
            "", "A", String(decoding: token.dropLast(), as: UTF8.self), String(repeating: "A", count: 1_000_000),
        ] {
            #expect(!tokens.verifies(forged, for: "f", browser: "b"))
        }
    }

    @Test func ofAnotherServerAreRefused() async throws {
        let token = try await TestServer(seed: 2).environment.formTokens.token(for: "f", browser: "b")
        #expect(try await !TestServer(seed: 1).environment.formTokens.verifies(token, for: "f", browser: "b"))
        #expect(try await TestServer(seed: 2).environment.formTokens.verifies(token, for: "f", browser: "b"))
    }
}
