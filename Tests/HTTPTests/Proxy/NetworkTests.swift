import HTTP
import Reactor
import Testing

@Suite("Networks")
struct NetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0", "9.255.255.255", "::a00:0"]),
        ("192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]),
        ("192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1"]),
        ("2001:db8::/33", ["2001:db8::1", "2001:db8:7fff::"], ["2001:db8:8000::", "2001:db9::", "10.0.0.1"]),
        ("::1", ["::1"], ["::2", "127.0.0.1"]),
        ("::/0", ["::", "2001:db8::1"], ["1.2.3.4"]),
    ])
    func holdsWhatBeginsAlike(_ text: String, _ inside: [String], _ outside: [String]) throws {
        let network = try Network(text)
        for address in inside { #expect(network.contains(try #require(SocketAddress(address, port: 1))), "\(address)") }
        for address in outside {
            #expect(!network.contains(try #require(SocketAddress(address, port: 1))), "\(address)")
        }
        #expect(!network.contains(.local))
    }

    @Test func unixIsThePeerOfASocketInTheFileSystem() throws {
        let network = try Network("unix")
        #expect(network.contains(.local))
        #expect(!network.contains(.anyIPv4(port: 0)) && !network.contains(.anyIPv6(port: 0)))
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "::/129", "localhost",
        "10.0.0.0/+8", "10.0.0.0/0008", "[::1]", "unix/0", " 10.0.0.1",
    ])
    func refusesWhatIsNone(_ text: String) {
        #expect(throws: Network.Refusal.malformed) { try Network(text) }
    }

    @Test(arguments: ["10.0.0.1/8", "2001:db8::1/32", "192.0.2.129/25"])
    func refusesBitsBehindThePrefix(_ text: String) {
        #expect(throws: Network.Refusal.bitsBehindPrefix) { try Network(text) }
    }
}
