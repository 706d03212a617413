import Testing

@testable import Martlet

@Suite("Connections and descriptors")
struct DescriptorLimitTests {
    @Test func someDescriptorsAreNotForClients() {
        #expect(DescriptorLimit.connections(of: 1024, atMost: 20_000) == 768)
        #expect(DescriptorLimit.connections(of: 1_048_576, atMost: 20_000) == 20_000)
    }

    @Test func evenTheSmallestLimitLeavesSomeForClients() {
        #expect(DescriptorLimit.connections(of: 64, atMost: 20_000) == 32)
    }
}
