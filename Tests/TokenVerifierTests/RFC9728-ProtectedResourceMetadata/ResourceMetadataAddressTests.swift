import Testing
import TokenVerifier

@Suite("RFC 9728: where a service publishes its metadata")
struct ResourceMetadataAddressTests {
    @Test(arguments: [
        ("https://api.example", "https://api.example", ""), ("https://api.example/", "https://api.example", ""),
        ("http://127.0.0.1:9000/orders", "http://127.0.0.1:9000", "/orders"),
        ("https://api.example?tenant=a", "https://api.example", "?tenant=a"),
    ])
    func standsBetweenHostAndPath(_ resource: String, _ host: String, _ rest: String) {
        let address = ResourceMetadataAddress(of: resource)
        #expect(address?.path == "/.well-known/oauth-protected-resource" + rest)
        #expect(address?.url == host + "/.well-known/oauth-protected-resource" + rest)
    }

    @Test(arguments: ["urn:example:api", "https://", "https:///orders", "api.example", "https://api.example/#a", ""])
    func aNameThatIsNoAddressHasNone(_ resource: String) {
        #expect(ResourceMetadataAddress(of: resource) == nil)
    }

    @Test func aChallengeNamesIt() {
        let metadata = ResourceMetadataAddress(of: "https://api.example/orders")
        let url = "https://api.example/.well-known/oauth-protected-resource/orders"
        #expect(
            TokenRefusal.missingToken.challenge(realm: "orders", metadata: metadata)
                == "Bearer realm=\"orders\", resource_metadata=\"\(url)\"")
        #expect(
            TokenRefusal.insufficientScope(["orders.read"]).challenge(realm: "orders", metadata: metadata)?
                .hasSuffix(", resource_metadata=\"\(url)\"") == true)
        #expect(TokenRefusal.missingToken.challenge(realm: "orders") == "Bearer realm=\"orders\"")
    }
}
