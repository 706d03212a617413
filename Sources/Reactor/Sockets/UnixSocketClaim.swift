internal import CLinux
internal import Glibc

/// A socket in the file system that this server, or the one that handed over to it, has made: whoever holds the claim
/// takes the socket away at the end.
///
/// It is known by more than its path, as somebody else may have put another one there since. The number of a node is
/// soon given to the next one; with the time at which it was made, which no connection changes, it is told from that.
public struct UnixSocketClaim: Sendable, Hashable {
    private let path: UnixSocketPath
    private let node: UnixSocketPath.Node

    private static let prefix = "martlet-own"

    /// What is at the path now; `nil` if that is no socket.
    init?(_ path: UnixSocketPath) {
        guard let node = path.node else { return nil }
        self.path = path
        self.node = node
    }

    /// The claim that a server hands over in the name of a descriptor; `nil` if it is none.
    init?(name: Substring, at place: ListenAddress) {
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        guard case .unix(let path) = place, words.count == 6, name.hasPrefix(Self.prefix + "-") else { return nil }
        let numbers = words.dropFirst(2).compactMap { UInt64($0, radix: 16) }
        guard numbers.count == 4 else { return nil }
        self.path = path
        node = UnixSocketPath.Node(device: numbers[0], number: numbers[1], seconds: numbers[2], nanoseconds: numbers[3])
    }

    /// The name of the descriptor by which the claim is handed over.
    var name: String {
        let numbers = [node.device, node.number, node.seconds, node.nanoseconds]
        return ([Self.prefix] + numbers.map { String($0, radix: 16) }).joined(separator: "-")
    }

    /// Removes the socket from the file system, unless something else is in its place.
    public func release() {
        // Nobody puts another one there between the look and the removal.
        FolderLock.hold(for: path) { removeHeld() }
    }

    /// As `release`, by whoever holds the lock of the folder.
    func removeHeld() {
        if path.node == node { unlink(path.path) }
    }
}

/// A listening socket on its way to another server, with what comes with it.
public struct ListeningSocket: Sendable {
    /// Whoever has it closes it.
    public let descriptor: Int32
    /// For a socket in the file system that is ours.
    let claim: UnixSocketClaim?
}

extension [ListeningSocket] {
    /// Closes every one.
    public func closeAll() {
        for socket in self { Glibc.close(socket.descriptor) }
    }
}

/// Keeps servers that start or stop at the same time from taking each other's sockets for stale ones.
enum FolderLock {
    /// Milliseconds to wait for others.
    private static let patience = 5000

    /// Runs `body` while no other server changes sockets in the folder of this one; blocks.
    ///
    /// The folder itself is locked, so that no file is left behind. Where that cannot be, or somebody keeps it locked
    /// for seconds, it goes on without.
    static func hold<Result, Failure: Error>(
        for path: UnixSocketPath, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let slash = path.path.lastIndex(of: "/")
        let folder = slash.map { path.path[...$0] } ?? "."
        let descriptor = open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { Glibc.close(descriptor) } }
        var waited = 0
        while descriptor >= 0, waited < patience, flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            usleep(10_000)
            waited += 10
        }
        return try body()
    }
}
