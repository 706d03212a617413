import MartletTesting
import OAuthTypes
import Testing

@Suite("Registration of redirect URIs", .spec("RFC 6749 §3.1.2", "RFC 8252 §7", "A-22", "A-24"))
struct RedirectURIRegistrationTests {
    @Test(arguments: [
        "https://app.example/callback", "https://app.example", "https://app.example/", "https://app.example:8443/cb",
        "https://app.example/cb?tenant=1&x=%20", "https://app.example?x=1", "https://xn--bcher-kva.example/cb",
        "https://192.0.2.7/cb", "https://[2001:db8::1]/cb", "https://[2001:db8::1]:8443/cb", "HTTPS://app.example/cb",
        "http://localhost/cb", "http://localhost:3000/cb", "http://127.0.0.1/cb", "http://127.0.0.1:51004/cb",
        "http://[::1]/cb", "http://[::1]:51004/cb", "com.example.app:/cb", "com.example.app:/cb?x=1",
        "com.example.app://host/cb", "https://app.example/a%2fb", "https://app.example/..a/b..",
        "https://app_1.example/",
        "https://app.example/cb?my_code=1",
    ])
    func takes(_ text: String) throws {
        let uri = try RedirectURI(registering: text)
        #expect(uri.rawValue == text)
        #expect(uri.matches(text))
    }

    struct Unfit: Sendable, CustomTestStringConvertible {
        let text: String
        let refusal: RedirectURI.Refusal
        init(_ text: String, _ refusal: RedirectURI.Refusal) {
            self.text = text
            self.refusal = refusal
        }
        var testDescription: String { text.debugDescription }
    }

    @Test(arguments: [
        Unfit("", .notAbsolute), Unfit("/callback", .notAbsolute), Unfit("app.example/cb", .notAbsolute),
        Unfit("//app.example/cb", .notAbsolute), Unfit(":", .notAbsolute), Unfit("1http://a/", .notAbsolute),
        Unfit("https:", .notAbsolute), Unfit("https:/app.example", .notAbsolute), Unfit("https://", .notAbsolute),
        Unfit("https:///cb", .notAbsolute), Unfit("https://:443/cb", .notAbsolute), Unfit("https://?x", .notAbsolute),
        Unfit("https://app.example:/cb", .notAbsolute), Unfit("https://app.example:0/cb", .notAbsolute),
        Unfit("https://app.example:65536/cb", .notAbsolute), Unfit("https://app.example:+1/cb", .notAbsolute),
        Unfit("https://app.example:80:80/cb", .notAbsolute), Unfit("https://[::1/cb", .notAbsolute),
        Unfit("https://[::1]x/cb", .notAbsolute), Unfit("https://app.example/a b", .notAbsolute),
        Unfit("https://app.example/\u{E9}", .notAbsolute), Unfit("https://\u{430}pp.example/", .notAbsolute),
        Unfit("https://app.example/\n", .notAbsolute), Unfit("https://app.example/\0", .notAbsolute),
        Unfit("https://app.example/\"", .notAbsolute), Unfit("https://app.example/<script>", .notAbsolute),
        Unfit("https://app.example/" + String(repeating: "a", count: 2048), .notAbsolute),
        Unfit("https://app.example/?%zz=1", .notAbsolute),
        Unfit("https://app.example/cb#", .fragment), Unfit("https://app.example/cb#x", .fragment),
        Unfit("com.example.app:/cb#x", .fragment),
        Unfit("https://user@app.example/cb", .userInformation), Unfit("https://@app.example/cb", .userInformation),
        Unfit("https://app.example:80@evil.example/cb", .userInformation),
        Unfit("http://localhost:80@evil.example/cb", .userInformation),
        Unfit("com.example.app://user@host/cb", .userInformation),
        Unfit("http://app.example/cb", .scheme), Unfit("http://127.0.0.2/cb", .scheme),
        Unfit("http://127.0.0.1.evil.example/cb", .scheme), Unfit("http://localhost.evil.example/", .scheme),
        Unfit("http://[::2]/cb", .scheme), Unfit("javascript:alert(1)", .scheme), Unfit("JavaScript:/x", .scheme),
        Unfit("data:text/html,x", .scheme), Unfit("file:///etc/passwd", .scheme), Unfit("blob:https://a/b", .scheme),
        Unfit("about:blank", .scheme), Unfit("vbscript:x", .scheme), Unfit("myapp:/cb", .scheme),
        Unfit("myapp://cb", .scheme), Unfit("com.example.app:cb", .scheme), Unfit("ftp://app.example/", .scheme),
        Unfit("https://*.app.example/cb", .ambiguous), Unfit("https://app%2eexample/cb", .ambiguous),
        Unfit("https://app.example/a/../b", .ambiguous), Unfit("https://app.example/./b", .ambiguous),
        Unfit("https://app.example/%2e%2E/b", .ambiguous), Unfit("https://app.example/.%2e", .ambiguous),
        Unfit("https://app.example\\@evil.example/", .ambiguous), Unfit("https:\\\\app.example/", .ambiguous),
        Unfit("https://[fe80::1%25eth0]/", .ambiguous), Unfit("com.example.app:/a/../b", .ambiguous),
        Unfit("https://app.example/cb?code=1", .reservedParameter),
        Unfit("https://app.example/cb?x=1&state=1", .reservedParameter),
        Unfit("https://app.example/cb?iss=x", .reservedParameter),
        Unfit("https://app.example/cb?error=x", .reservedParameter),
        Unfit("https://app.example/cb?%63ode=1", .reservedParameter),
        Unfit("https://app.example/cb?code=", .reservedParameter),
        Unfit("https://app.example/cb?state", .reservedParameter),
        Unfit("https://app.example/cb?access_token=1", .reservedParameter),
        Unfit("https://app.example;script-src/cb", .notAbsolute), Unfit("https://a,b/cb", .notAbsolute),
        Unfit("https://[evil.example]/cb", .notAbsolute), Unfit("https://a'b/cb", .notAbsolute),
    ])
    func refuses(_ unfit: Unfit) {
        #expect(throws: unfit.refusal) { try RedirectURI(registering: unfit.text) }
    }

    @Test func knowsWhatStaysOnThePersonsDevice() throws {
        let local = ["http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:3000/cb", "com.example.app:/cb"]
        #expect(try local.allSatisfy { try RedirectURI(registering: $0).staysOnDevice })
        let remote = ["https://app.example/cb", "https://localhost.example/cb", "https://127.0.0.1/cb"]
        #expect(try remote.allSatisfy { try !RedirectURI(registering: $0).staysOnDevice })
    }

    @Test func namesItsOriginAndItsHost() throws {
        let uri = try RedirectURI(registering: "https://app.example:8443?x=1")
        #expect(uri.origin == "https://app.example:8443")
        #expect(uri.displayHost == "app.example:8443")
        let native = try RedirectURI(registering: "com.example.app:/cb")
        #expect(native.origin == nil)
        #expect(native.displayHost == "com.example.app:/cb")
    }
}
