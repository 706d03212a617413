internal import CLinux
internal import Glibc

/// A place to listen at: an IP address with a port, or a path of the file system.
public enum ListenAddress: Sendable, Hashable {
    /// TCP.
    case ip(SocketAddress)
    /// A Unix-domain socket: `unix(7)`.
    case unix(UnixSocketPath)

    /// The TCP port, if there is one.
    public var port: UInt16? {
        if case .ip(let address) = self { address.port } else { nil }
    }

    /// Whether only this machine can reach it.
    public var isLocal: Bool {
        switch self {
        case .ip(let address): address.isLoopback
        case .unix: true
        }
    }

    /// A non-blocking stream socket of the kind; -1 on failure.
    func openSocket() -> Int32 {
        switch self {
        case .ip(let address): address.openSocket()
        case .unix: SocketAddress.local.openSocket()
        }
    }

    /// Calls `body` with the address in the form that the socket calls want.
    func withSockAddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch self {
        case .ip(let address): address.withSockAddr(body)
        case .unix(let path): path.withSockAddr(body)
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// `127.0.0.1:80`, `[::1]:80`, `unix:/run/martlet.sock`.
    public var description: String {
        switch self {
        case .ip(let address): address.description
        case .unix(let path): "unix:" + path.path
        }
    }
}

/// The path of a Unix-domain socket, with who may connect.
public struct UnixSocketPath: Sendable, Hashable {
    /// The path; the kernel takes 107 bytes.
    public let path: String
    /// Permission bits of the socket: whoever may write may connect.
    public let mode: UInt32

    /// The most bytes of a path.
    public static let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// A path with the bits, by default for the owner and the group; `nil` if it is empty or longer than the limit.
    public init?(_ path: String, mode: UInt32 = 0o660) {
        guard !path.isEmpty, path.utf8.count <= Self.limit, !path.utf8.contains(0) else { return nil }
        self.path = path
        self.mode = mode & 0o777
    }

    /// Equal paths are the same place, whoever may connect.
    public static func == (left: Self, right: Self) -> Bool { left.path == right.path }

    /// As `==`.
    public func hash(into hasher: inout Hasher) { hasher.combine(path) }

    fileprivate func withSockAddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Removes a socket that nobody listens at any more.
    ///
    /// Anything that is no socket stays, and so does a socket that answers; then binding says that the path is taken.
    func removeIfStale() {
        guard let found = node else { return }
        let probe = SocketAddress.local.openSocket()
        guard probe >= 0 else { return }
        defer { Glibc.close(probe) }
        let isRefused = withSockAddr { connect(probe, $0, $1) } != 0 && errno == ECONNREFUSED
        // Whoever has put a new one there meanwhile keeps it.
        guard isRefused, node == found else { return }
        unlink(path)
    }

    func applyMode() -> Bool { chmod(path, mode) == 0 }

    /// Which node of the file system a socket is, and when it was made.
    struct Node: Sendable, Hashable {
        let device, number, seconds, nanoseconds: UInt64
    }

    /// The socket at the path; `nil` if there is none, or something else.
    var node: Node? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        return Node(
            device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(truncatingIfNeeded: status.st_ino),
            seconds: UInt64(truncatingIfNeeded: status.st_mtim.tv_sec),
            nanoseconds: UInt64(truncatingIfNeeded: status.st_mtim.tv_nsec))
    }
}
