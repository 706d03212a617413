import MartletTesting
import OAuthTypes
import Testing

@Suite("Comparison of redirect URIs", .spec("RFC 9700 §2.1", "RFC 9700 §4.1.3", "A-20", "A-21"))
struct RedirectURIMatchingTests {
    /// What attackers have sent to other servers in place of `https://app.example/callback`.
    static let lookAlikes = [
        // appended, shortened, another path
        "https://app.example/callback/", "https://app.example/callback/more", "https://app.example/callbac",
        "https://app.example/callbackx", "https://app.example/", "https://app.example", "https://app.example//callback",
        "https://app.example/callback;x", "https://app.example/callback%20", "https://app.example/callback ",
        " https://app.example/callback", "https://app.example/callback\n", "https://app.example/callback\0",
        "https://app.example/callback\t", "https://app.example/callback\u{200B}",
        "\u{FEFF}https://app.example/callback",
        // letter case
        "HTTPS://app.example/callback", "https://APP.example/callback", "https://app.example/Callback",
        "https://app.EXAMPLE/callback",
        // scheme
        "http://app.example/callback", "//app.example/callback", "app.example/callback", "https:app.example/callback",
        "https:/app.example/callback", "https:///app.example/callback", "javascript://app.example/callback",
        "data:https://app.example/callback", "https:\\\\app.example\\callback", "https://app.example\\callback",
        "https:\\/app.example/callback", "view-source:https://app.example/callback",
        // host
        "https://app.example.evil.example/callback", "https://evilapp.example/callback", "https://app-example/callback",
        "https://appxexample/callback", "https://app.example.:443/callback", "https://app.example./callback",
        "https://evil.example/callback", "https://www.app.example/callback", "https://*/callback",
        "https://*.example/callback", "https://app.example%2eevil.example/callback", "https://app%2eexample/callback",
        "https://[::ffff:192.0.2.1]/callback", "https://[app.example]/callback", "https://app.example,evil/callback",
        "https://app.example;evil/callback", "https://app.example\u{2024}evil/callback",
        // user information
        "https://app.example@evil.example/callback", "https://app.example:443@evil.example/callback",
        "https://user@app.example/callback", "https://user:pw@app.example/callback", "https://@app.example/callback",
        "https://evil.example\\@app.example/callback", "https://app.example%40evil.example/callback",
        "https://evil.example#@app.example/callback", "https://evil.example?@app.example/callback",
        // port
        "https://app.example:443/callback", "https://app.example:8443/callback", "https://app.example:/callback",
        "https://app.example:0443/callback", "https://app.example:80:443/callback",
        // dot segments
        "https://app.example/./callback", "https://app.example/x/../callback", "https://app.example/callback/..",
        "https://app.example/callback/../evil", "https://app.example/callback/.", "https://app.example/callback/%2e%2e",
        "https://app.example/callback/..;/evil", "https://app.example/callback/%2e%2e%2fevil",
        "https://app.example/callback\\..\\evil", "https://app.example/..%5ccallback",
        // percent encoding, once and twice
        "https://app.example/%63allback", "https://app.example/c%61llback", "https://app.example/%2563allback",
        "https://app.example%2fcallback", "https://app.example/%2fcallback", "https%3A%2F%2Fapp.example%2Fcallback",
        "https://app.example/callback%00", "https://app.example/callback%0d%0aSet-Cookie:x",
        "https://app.example/callback%3f", "https://app.example/callback%23", "https://app.example/callback%252e",
        // query and fragment
        "https://app.example/callback?", "https://app.example/callback?x=1", "https://app.example/callback?code=evil",
        "https://app.example/callback#", "https://app.example/callback#x", "https://app.example/callback?#",
        "https://app.example/callback&x=1", "https://app.example/callback?redirect_uri=https://evil.example",
        // other scripts
        "https://\u{430}pp.example/callback", "https://app.ex\u{430}mple/callback",
        "https://app\u{3002}example/callback",
        "https://app\u{FF0E}example/callback", "https://app.example\u{FF0F}callback",
        "https://app.example/\u{FF43}allback",
        "https://app.example/callbac\u{212A}", "https://app.example/callback\u{301}",
        "\u{FF48}ttps://app.example/callback",
        "https://app.example/call\u{AD}back", "https://ap\u{200D}p.example/callback",
        // two at once, nothing at all
        "https://app.example/callback https://evil.example", "https://app.example/callback,https://evil.example", "x",
    ]

    @Test(arguments: lookAlikes)
    func refusesWhatOnlyLooksAlike(_ requested: String) throws {
        let registered = try RedirectURI(registering: "https://app.example/callback")
        #expect(!registered.matches(requested))
        #expect(registered.matches("https://app.example/callback"))
    }

    @Test(
        .spec("RFC 8252 §7.3"), arguments: ["http://127.0.0.1", "http://[::1]"], ["", ":1", ":80", ":51004", ":65535"])
    func letsThePortOfALoopbackAddressFloat(_ host: String, _ port: String) throws {
        #expect(try RedirectURI(registering: host + "/cb?x=1").matches(host + port + "/cb?x=1"))
        #expect(try RedirectURI(registering: host + ":9000/cb").matches(host + port + "/cb"))
        #expect(try RedirectURI(registering: host).matches(host + port))
        #expect(try !RedirectURI(registering: host + "/cb").matches(host + port + "/cb/"))
        #expect(try !RedirectURI(registering: host + "/cb").matches(host + port))
    }

    @Test(arguments: [
        "http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1:@evil.example/cb", "http://127.0.0.1@evil.example/cb",
        "http://127.0.0.1.evil.example/cb", "http://127.0.0.1evil.example/cb", "http://127.0.0.10/cb",
        "http://127.0.0.1:0/cb", "http://127.0.0.1:65536/cb", "http://127.0.0.1:-1/cb", "http://127.0.0.1:+1/cb",
        "http://127.0.0.1:/cb", "http://127.0.0.1:8080:1/cb", "http://127.0.0.1:80\\@evil.example/cb",
        "http://127.0.0.1:\u{661}/cb", "http://127.0.0.1\u{301}:80/cb", "http://127.0.0.1:80\u{301}/cb",
        "http://127.0.0.1:80/\u{301}cb", "http://127.0.0.1:80%2f@evil.example/cb",
        "http://127.0.0.1:80#@evil.example/cb",
        "http://127.0.0.1:80?@evil.example/cb", "https://127.0.0.1:80/cb", "http://[::1]:80/cb",
        "http://localhost:80/cb",
        "http://0x7f000001/cb", "http://127.1/cb", "http://2130706433/cb", "http://127.0.0.1:80/cb#",
        "http://127.0.0.1 /cb",
        "http://127.0.0.1:80", "http://127.0.0.1:80/cb?x", "HTTP://127.0.0.1:80/cb", "http://127.0.0.1:80//cb",
        "http://127.0.0.1:\0/cb", "http://127.0.0.1:80 /cb", "http://127.0.0.1:080808/cb",
    ])
    func floatsNothingButThePort(_ requested: String) throws {
        let registered = try RedirectURI(registering: "http://127.0.0.1/cb")
        #expect(!registered.matches(requested))
        #expect(registered.matches("http://127.0.0.1:49152/cb"))
    }

    @Test(.spec("RFC 8252 §8.3"), arguments: ["http://localhost/cb", "https://127.0.0.1/cb", "https://app.example/cb"])
    func fixesThePortOfEverythingElse(_ text: String) throws {
        let registered = try RedirectURI(registering: text)
        let ported = text.replacing("/cb", with: ":8080/cb")
        #expect(!registered.matches(ported))
        #expect(registered.matches(text))
    }
}
