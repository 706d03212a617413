import JOSE
import JSON
import Testing

@testable import TokenVerifier

@Suite("OpenID Connect Discovery §4 where an issuer's keys are")
struct KeySetLocationTests {
    let issuer: Issuer
    let source = ScriptedSource()

    init() throws {
        issuer = try Issuer()
        try source.publish([issuer.key.publicKey])
    }

    private func publish(
        _ document: JSONValue, at address: String = "https://id.example/.well-known/openid-configuration"
    ) {
        source[address] = .document(document.jsonBytes(), lifetime: nil, validator: nil)
    }

    private func failure(_ location: KeySetLocation = .issuer("https://id.example")) async -> KeySetFailure? {
        do throws(KeySetFailure) {
            _ = try await location.ask(source, known: nil, validator: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test func isInItsDiscoveryDocument() async throws {
        publish(["issuer": "https://id.example", "jwks_uri": "keys"])
        let answer = try await KeySetLocation.issuer("https://id.example").ask(source, known: nil, validator: nil)
        #expect(answer.keys?.keys == [issuer.key.publicKey])
        #expect(answer.address == "keys")
    }

    @Test func isInTheDocumentOfRFC8414WhereThereIsNoOther() async {
        #expect(await failure() == .refused(status: 404))
        publish(
            ["issuer": "https://id.example", "jwks_uri": "keys"],
            at: "https://id.example/.well-known/oauth-authorization-server")
        #expect(await failure() == nil)
    }

    @Test func isNotBelievedFromAnotherIssuer() async {
        publish(["issuer": "https://id.example/", "jwks_uri": "keys"])
        #expect(await failure() == .wrongIssuer)
        publish(["jwks_uri": "keys"])
        #expect(await failure() == .malformedDocument)
        publish(["issuer": "https://id.example"])
        #expect(await failure() == .malformedDocument)
        publish(["issuer": "https://id.example", "jwks_uri": "keys"])
        #expect(await failure() == nil)
    }

    @Test func mustHoldAKeySet() async {
        source["keys"] = .document(Array("{".utf8), lifetime: nil, validator: nil)
        #expect(await failure(.address("keys")) == .malformedDocument)
        source["keys"] = .document(Array("{}".utf8), lifetime: nil, validator: nil)
        #expect(await failure(.address("keys")) == .unusableKeys(.invalidKey))
        source["keys"] = .document(Array("{\"keys\":[]}".utf8), lifetime: nil, validator: nil)
        #expect(await failure(.address("keys")) == nil)
        // An answer that nobody asked for: there are no keys that it could mean.
        source["keys"] = .unchanged(lifetime: nil)
        #expect(await failure(.address("keys")) == .malformedDocument)
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example/.well-known/oauth-authorization-server"),
        ("https://a.example/", "https://a.example/.well-known/oauth-authorization-server"),
        ("https://a.example/t/1", "https://a.example/.well-known/oauth-authorization-server/t/1"),
        ("https://a.example/t/", "https://a.example/.well-known/oauth-authorization-server/t"),
    ])
    func hasTheAddressOfRFC8414(_ issuer: String, _ address: String) {
        #expect(KeySetLocation.oauthAddress(issuer) == address)
    }

    @Test func hasTheAddressOfDiscovery() {
        let word = "/.well-known/openid-configuration"
        #expect(KeySetLocation.openIDAddress("https://a.example/") == "https://a.example" + word)
        #expect(KeySetLocation.openIDAddress("https://a.example/t") == "https://a.example/t" + word)
    }
}
