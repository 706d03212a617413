import Testing

@testable import Identity

@Suite("Where an attempt comes from")
struct SignInOriginTests {
    private func origin(_ bytes: UInt8...) -> SignInOrigin { SignInOrigin(address: bytes) }

    @Test func ofIPv4TheAddressAndItsNetworkOf256() {
        #expect(origin(192, 0, 2, 7).subscriber != origin(192, 0, 2, 8).subscriber)
        #expect(origin(192, 0, 2, 7).network == origin(192, 0, 2, 8).network)
        #expect(origin(192, 0, 2, 7).network != origin(192, 0, 3, 7).network)
    }

    @Test func ofIPv6TheSixtyFourAndTheFortyEight() {
        let host = origin(0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1)
        let neighbour = origin(0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 9, 9, 9, 9, 9, 9, 9, 9)
        let other = origin(0x20, 1, 0xd, 0xb8, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1)
        let stranger = origin(0x20, 1, 0xd, 0xb8, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1)
        #expect(host == neighbour)
        #expect(host.subscriber != other.subscriber)
        #expect(host.network == other.network)
        #expect(host.network != stranger.network)
    }

    @Test func anIPv4AddressInIPv6FormIsTheSame() {
        #expect(origin(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7) == origin(192, 0, 2, 7))
        #expect(origin(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 192, 0, 2, 7) != origin(192, 0, 2, 7))
    }

    @Test func aUnixSocketIsOnePlace() {
        #expect(origin() == origin())
        #expect(origin() != origin(127, 0, 0, 1))
    }
}
