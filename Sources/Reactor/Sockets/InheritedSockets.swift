internal import CLinux
internal import Glibc

/// Listening sockets that were open before this process: from the service manager, or from the server before.
///
/// By the protocol of `sd_listen_fds(3)`: descriptors from 3 on, `LISTEN_FDS` of them, meant for process `LISTEN_PID`.
/// Which listener a socket is for is told by the address that it is bound to.
public final class InheritedSockets: Sendable {
    private struct Entry {
        let descriptor: Int32
        let place: ListenAddress
        var claim: UnixSocketClaim?
    }

    private let entries: Locked<[Entry]>
    /// Where the server before waits to hear that this one is ready.
    private let predecessor: Int32?

    /// The name of the descriptor by which one server hears of the next.
    static let predecessorName = "martlet-predecessor"
    private static let first: Int32 = 3

    /// These sockets; none that is not bound to an address of ours.
    init(_ descriptors: [Int32] = []) {
        entries = Locked(
            descriptors.compactMap { descriptor in
                ListenAddress(boundTo: descriptor).map { Entry(descriptor: descriptor, place: $0) }
            })
        predecessor = nil
    }

    /// The sockets that the environment speaks of.
    ///
    /// To be called once, before anything else opens a descriptor.
    ///
    /// - Parameter variable: looks up a variable of the environment.
    public init(environment variable: (String) -> String?) {
        var found: [Entry] = []
        var predecessor: Int32?
        let count = Self.count(variable)
        let names = (variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for index in 0..<count {
            let descriptor = Self.first + Int32(index)
            // Programs that we start shall not have them.
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { continue }
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
            if index < names.count, names[index] == Self.predecessorName {
                predecessor = descriptor
            } else if Self.listens(descriptor), let place = ListenAddress(boundTo: descriptor) {
                found.append(Entry(descriptor: descriptor, place: place))
                if index < names.count { found[found.count - 1].claim = UnixSocketClaim(name: names[index], at: place) }
            }
        }
        // What a service manager has made is its own, whatever it is called.
        if predecessor == nil { for index in found.indices { found[index].claim = nil } }
        entries = Locked(found)
        self.predecessor = predecessor
    }

    /// How many descriptors are meant for this process.
    private static func count(_ variable: (String) -> String?) -> Int {
        guard let count = variable("LISTEN_FDS").flatMap({ Int($0) }), (1...1024).contains(count),
            let process = variable("LISTEN_PID").flatMap({ Int32($0) })
        else { return 0 }
        // A server that starts its successor cannot know its number, and writes its own.
        let isSuccessor = process == getppid() && variable("LISTEN_FDNAMES")?.contains(predecessorName) == true
        return process == getpid() || isSuccessor ? count : 0
    }

    private static func listens(_ descriptor: Int32) -> Bool {
        func option(_ name: Int32) -> Int32 {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : 0
        }
        return option(SO_ACCEPTCONN) == 1 && option(SO_TYPE) == Int32(SOCK_STREAM.rawValue)
    }

    /// Whether there are sockets for a place.
    public func holds(_ place: ListenAddress) -> Bool {
        entries.withLock { entries in entries.contains { $0.place == place } }
    }

    /// Hands out the sockets of a place; the caller owns them.
    func take(at place: ListenAddress) -> [ListeningSocket] {
        entries.withLock { entries in
            defer { entries.removeAll { $0.place == place } }
            return entries.filter { $0.place == place }.map {
                ListeningSocket(descriptor: $0.descriptor, claim: $0.claim)
            }
        }
    }

    /// Takes a socket back that was not made use of.
    func giveBack(_ socket: ListeningSocket, at place: ListenAddress) {
        entries.withLock { $0.append(Entry(descriptor: socket.descriptor, place: place, claim: socket.claim)) }
    }

    /// Closes what no listener wanted, and says where that listened.
    public func closeRest() -> [ListenAddress] {
        let rest = entries.withLock { entries in
            defer { entries = [] }
            return entries
        }
        for entry in rest { close(entry.descriptor) }
        return rest.map(\.place)
    }

    /// Tells the server before, if there is one, that this one listens; to be called once.
    public func tellPredecessor() {
        guard let predecessor else { return }
        var ready: UInt8 = 1
        send(predecessor, &ready, 1, Int32(MSG_NOSIGNAL))
        close(predecessor)
    }
}
