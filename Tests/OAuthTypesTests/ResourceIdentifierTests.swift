import OAuthTypes
import Testing

@Suite("Names of resources")
struct ResourceIdentifierTests {
    @Test(arguments: [
        "https://api.example", "https://api.example/orders?v=1", "urn:example:stock", "https://api.example:8443/",
        "com.example.app:api", "http://[::1]:9000/x", "HTTPS://api.example",
    ])
    func areAbsoluteAddresses(_ text: String) {
        #expect(ResourceIdentifier(text)?.rawValue == text)
    }

    @Test(arguments: [
        "", "api", "/orders", "//api.example", "https:", "https://", "https:///orders", "https://?x",
        "https://api.example/#part", "https://api.example/ orders", "https://api.exämple", "1https://api.example",
        "https://api.example/\"", "ht tps://x", ":x", "https://api.example/\n", "https://api.example/{id}",
    ])
    func nothingElseIs(_ text: String) {
        #expect(ResourceIdentifier(text) == nil)
    }

    @Test func areNoLongerThanAScopeCanName() {
        let longest = "https://api.example/" + String(repeating: "a", count: ResourceIdentifier.limit - 20)
        #expect(ResourceIdentifier(longest) != nil)
        #expect(Scope("resource:" + longest) != nil)
        #expect(ResourceIdentifier(longest + "a") == nil)
    }

    @Test func severalValuesOfOneNameStay() throws {
        let form = try FormParameters(decoding: Array("resource=urn:b&a=1&resource=&resource=urn:a&a=2".utf8))
        #expect(form.all(.resource) == ["urn:b", "urn:a"])
        #expect(form[.resource] == "urn:b")
        #expect(form.repeated == [Parameter("a")])
        #expect(form.encoded(only: [.resource]) == "resource=urn%3Ab&resource=urn%3Aa")
        #expect(try FormParameters(decoding: Array(form.encoded.utf8)).all(.resource) == ["urn:b", "urn:a"])
    }
}
