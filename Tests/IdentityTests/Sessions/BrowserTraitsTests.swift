import Identity
import Testing

@Suite("What sessions keep of a browser")
struct BrowserTraitsTests {
    @Test(arguments: [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
                + "Safari/537.36 Edg/126.0.0.0", "Edge on Windows"
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
                + "Safari/537.36", "Chrome on Android"
        ),
        ("curl/8.5.0", "curl"), ("Something on Windows", "A browser on Windows"),
    ])
    func aBrowserIsNamedInWordsOfOurs(_ userAgent: String, _ name: String) {
        #expect(BrowserTraits(userAgent: userAgent, address: []).device == name)
    }

    @Test func nothingOfAnUnknownOneIsKept() {
        for text in ["", "<script>", String(repeating: "x", count: 100_000) + "Firefox/"] {
            let traits = BrowserTraits(userAgent: text, address: [])
            #expect(traits.device == nil && traits.deviceName == "Unknown browser")
        }
        #expect(BrowserTraits(userAgent: nil, address: [1, 2]) == .unknown)
    }

    @Test func anAddressIsKeptAsItsNetwork() {
        func network(_ bytes: [UInt8]) -> String? { BrowserTraits(userAgent: nil, address: bytes).network }
        #expect(network([192, 0, 2, 77]) == "192.0.2.0/24")
        #expect(network([0x20, 0x01, 0x0D, 0xB8, 0, 0x2A] + [UInt8](repeating: 9, count: 10)) == "2001:db8:2a::/48")
        #expect(network([UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 77]) == "192.0.2.0/24")
        #expect(network([UInt8](repeating: 0, count: 15) + [1]) == "::/48")
        #expect(network([]) == nil)
    }
}
