import Reactor
import Testing

@testable import HTTP

@Suite("Addresses of outgoing requests")
struct OutgoingAddressTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let text: String
        let error: OutgoingError
        var testDescription: String { text }

        init(_ text: String, _ error: OutgoingError) {
            self.text = text
            self.error = error
        }
    }

    @Test(arguments: [
        Refused("http://rp.example/", .refusedScheme),
        Refused("HTTP://rp.example/", .refusedScheme),
        Refused("ftp://rp.example/", .refusedScheme),
        Refused("file:///etc/passwd", .malformedAddress),
        Refused("gopher://rp.example/_x", .refusedScheme),
        Refused("https://rp.example:22/", .refusedPort),
        Refused("https://rp.example:80/", .refusedPort),
        Refused("https://rp.example:0/", .malformedAddress),
        Refused("https://rp.example:65536/", .malformedAddress),
        Refused("https://person@rp.example/", .malformedAddress),
        Refused("https://person:secret@rp.example/", .malformedAddress),
        Refused("https://rp.example\\@127.0.0.1/", .malformedAddress),
        Refused("https://rp.example /", .malformedAddress),
        Refused("https://rp.example/\r\nX: y", .malformedAddress),
        Refused("https://r\u{F6}p.example/", .malformedAddress),
        Refused("https://rp.example./", .malformedAddress),
        Refused("https:///path", .malformedAddress),
        Refused("//rp.example/", .malformedAddress),
        Refused("rp.example", .malformedAddress),
        Refused("", .malformedAddress),
        Refused("https://127.0.0.1/", .refusedAddress),
        Refused("https://127.1/", .refusedAddress),
        Refused("https://2130706433/", .refusedAddress),
        Refused("https://0x7f000001/", .refusedAddress),
        Refused("https://0177.0.0.1/", .refusedAddress),
        Refused("https://%31%32%37.0.0.1/", .refusedAddress),
        Refused("https://169.254.169.254/latest/meta-data/", .refusedAddress),
        Refused("https://[::1]/", .refusedAddress),
        Refused("https://[::]/", .refusedAddress),
        Refused("https://[fe80::1%25eth0]/", .refusedAddress),
        Refused("https://[64:ff9b::7f00:1]/", .refusedAddress),
        Refused("https://[::ffff:127.0.0.1]/", .malformedAddress),
        Refused("https://[::ffff:8.8.8.8]/", .malformedAddress),
        Refused("https://" + String(repeating: "a", count: 254) + "/", .malformedAddress),
        Refused("https://rp.example/" + String(repeating: "a", count: 4096), .malformedAddress),
    ])
    func refusesBeforeAskingTheNetwork(_ refused: Refused) {
        #expect(throws: refused.error) { try OutgoingAddress(refused.text, to: .stranger(FetchGuard())) }
    }

    @Test(arguments: [
        "https://rp.example/", "HTTPS://RP.example", "https://rp.example:8443/a?b=c", "https://rp_1.example/#part",
        "https://8.8.8.8/", "https://[2606:4700::1111]/",
    ])
    func takesPublicAddresses(_ text: String) throws {
        let address = try OutgoingAddress(text, to: .stranger(FetchGuard()))
        #expect(address.scheme == "https")
        #expect(address.host == address.host.lowercased())
    }

    @Test func plainTextIsForTheOperatorToAllow() throws {
        #expect(try OutgoingAddress("http://127.0.0.1:4318/", to: .configuredPlain).port == 4318)
        #expect(throws: OutgoingError.refusedScheme) {
            try OutgoingAddress("http://127.0.0.1:4318/", to: .configured)
        }
        #expect(try OutgoingAddress("https://10.0.0.1:99/", to: .configured).port == 99)
    }

    @Test func permitsWhatTheOperatorAddsAndNothingElse() throws {
        var fetchGuard = FetchGuard()
        fetchGuard.ports = [9443]
        fetchGuard.permits = { $0.bytes.first == 10 }
        #expect(try OutgoingAddress("https://10.0.0.1:9443/", to: .stranger(fetchGuard)).port == 9443)
        #expect(throws: OutgoingError.refusedAddress) {
            try OutgoingAddress("https://192.168.0.1:9443/", to: .stranger(fetchGuard))
        }
        #expect(throws: OutgoingError.refusedPort) {
            try OutgoingAddress("https://10.0.0.1/", to: .stranger(fetchGuard))
        }
    }

    @Test func redirectsAreReadRelativeToTheAddressAndJudgedAgain() throws {
        let destination = Destination.stranger(FetchGuard())
        let address = try OutgoingAddress("https://rp.example/a/b", to: destination)
        #expect(try address.target("../c", to: destination).hasOrigin(of: address))
        #expect(try address.target("//other.example/", to: destination).host == "other.example")
        #expect(throws: OutgoingError.refusedScheme) { try address.target("http://rp.example/", to: destination) }
        #expect(throws: OutgoingError.refusedAddress) { try address.target("//127.0.0.1/", to: destination) }
        #expect(throws: OutgoingError.refusedPort) { try address.target("//rp.example:8080/", to: destination) }
    }

    @Test func connectionsGoOnlyToJudgedAddresses() throws {
        let request = OutgoingRequest(
            .get, "https://rp.example/", to: .stranger(FetchGuard()), by: .after(.seconds(60)))
        let exchange = Exchange(
            request, Headers(), to: try OutgoingAddress(request.address, to: request.destination))
        let judged = try #require(SocketAddress("8.8.8.8", port: 443))
        exchange.pinned = [judged, try #require(SocketAddress("127.0.0.1", port: 443))]
        #expect(exchange.admits(judged))
        #expect(!exchange.admits(try #require(SocketAddress("8.8.4.4", port: 443))))
        #expect(!exchange.admits(try #require(SocketAddress("8.8.8.8", port: 444))))
        // Pinned by whatever mistake, and still refused.
        #expect(!exchange.admits(try #require(SocketAddress("127.0.0.1", port: 443))))
    }
}
