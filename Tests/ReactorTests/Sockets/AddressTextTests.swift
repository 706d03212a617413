import Glibc
import Reactor
import Testing

@Suite("Addresses as text")
struct AddressTextTests {
    @Test(arguments: [
        "0.0.0.0", "1.2.3.4", "9.10.99.100", "127.0.0.1", "203.0.113.250", "255.255.255.255", "10.0.200.5",
    ])
    func fourNumbersReadBackAsTheyWere(_ text: String) throws {
        let address = try #require(SocketAddress(text, port: 80))
        #expect(address.host == text)
        #expect(address.description == text + ":80")
    }

    @Test func everyNumberOfAPartIsWrittenAsTheLibraryDoes() throws {
        for part in 0...255 {
            #expect(SocketAddress("\(part).0.\(part).9", port: 0)?.host == "\(part).0.\(part).9")
        }
        #expect(SocketAddress("2001:db8:0:0::1", port: 1)?.description == "[2001:db8::1]:1")
    }
}
