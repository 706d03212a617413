import Glibc
import Reactor

/// A port of loopback that nobody listens at: bound until it is given back.
///
/// Below those that the kernel chooses by itself, so that nobody gets it by chance between that and its next use; and no
/// port is given twice.
struct LoopbackPort: ~Copyable {
    let number: UInt16
    private let descriptor: Int32

    private static let given = Locked(Set<UInt16>())

    struct NoneIsFree: Error {}

    init() throws {
        for _ in 0..<1000 {
            let port = UInt16.random(in: 20_000..<32_000)
            guard Self.given.withLock({ $0.insert(port).inserted }) else { continue }
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            // Programs that other tests start meanwhile do not keep it, and whoever it is for need not wait.
            var isReusable: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree {
                (number, self.descriptor) = (port, descriptor)
                return
            }
            close(descriptor)
        }
        throw NoneIsFree()
    }

    deinit { close(descriptor) }

    /// Somebody else may bind it now.
    consuming func giveBack() {}
}
