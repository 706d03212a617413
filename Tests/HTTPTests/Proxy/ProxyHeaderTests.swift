import Reactor
import Testing

@testable import HTTP

@Suite("PROXY protocol, version 2")
struct ProxyHeaderTests {
    /// A header with its length counted.
    static func header(_ command: UInt8 = 0x21, _ kind: UInt8 = 0x11, _ rest: [UInt8]) -> [UInt8] {
        [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, command, kind]
            + [UInt8(truncatingIfNeeded: rest.count >> 8), UInt8(truncatingIfNeeded: rest.count)] + rest
    }

    static let ipv4: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x34, 0, 80]
    static let ipv6: [UInt8] =
        [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 9, count: 16) + [
            1, 2, 0, 80,
        ]

    private func read(_ bytes: [UInt8]) -> ProxyHeader? {
        guard ProxyHeader.restCount(Array(bytes.prefix(16))) == bytes.count - 16 else { return nil }
        return ProxyHeader(prefix: Array(bytes.prefix(16)), rest: Array(bytes.dropFirst(16)))
    }

    @Test func readsBothFamilies() throws {
        #expect(read(Self.header(0x21, 0x11, Self.ipv4))?.client == SocketAddress("192.0.2.1", port: 0x1234))
        #expect(read(Self.header(0x21, 0x21, Self.ipv6))?.client == SocketAddress("2001:db8::7", port: 0x0102))
        let mapped = [UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 1] + Self.ipv6.dropFirst(16)
        #expect(read(Self.header(0x21, 0x21, mapped))?.client == SocketAddress("192.0.2.1", port: 0x0102))
    }

    @Test func aProxyThatSpeaksForItselfNamesNobody() throws {
        for header in [Self.header(0x20, 0, []), Self.header(0x20, 0x11, Self.ipv4), Self.header(0x21, 0, [])] {
            let found = try #require(read(header))
            #expect(found.client == nil && !found.isSecure)
        }
    }

    @Test func additionsAreReadForTLSAlone() throws {
        let secure = Self.ipv4 + [4, 0, 2, 1, 2] + [0x20, 0, 5, 1, 0, 0, 0, 0]
        #expect(read(Self.header(0x21, 0x11, secure))?.isSecure == true)
        let plain = Self.ipv4 + [0x20, 0, 5, 0, 0, 0, 0, 0]
        #expect(read(Self.header(0x21, 0x11, plain))?.isSecure == false)
    }

    @Test(arguments: [
        header(0x11, 0x11, ipv4), header(0x31, 0x11, ipv4), header(0x22, 0x11, ipv4), header(0x2f, 0x11, ipv4),
        header(0x21, 0x12, ipv4), header(0x21, 0x22, ipv6), header(0x21, 0x31, [UInt8](repeating: 1, count: 216)),
        header(0x21, 0x41, ipv4), header(0x21, 0x11, Array(ipv4.dropLast())), header(0x21, 0x21, ipv4),
        header(0x21, 0x11, ipv4 + [4]), header(0x21, 0x11, ipv4 + [4, 0, 9, 1]),
        header(0x21, 0x11, [UInt8](repeating: 0, count: 2049)), Array("PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n".utf8),
        Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), [UInt8](repeating: 22, count: 40),
    ])
    func whatIsMalformedIsNone(_ bytes: [UInt8]) {
        #expect(read(bytes) == nil)
    }

    @Test func anyDamageIsReadOrRefusedButNeverTraps() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = Self.header(0x21, 0x21, Self.ipv6 + [0x20, 0, 5, 1, 0, 0, 0, 0])
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 12..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = read(bytes)
            _ = ProxyHeader(
                prefix: Array(bytes.prefix(16)), rest: Array(bytes.dropFirst(16).prefix(.random(in: 0...60))))
        }
    }
}
