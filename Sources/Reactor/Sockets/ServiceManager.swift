internal import CLinux
internal import Glibc

/// The service manager, as far as it wants to hear of us: the protocol of `sd_notify(3)`, over a Unix-domain socket.
///
/// Without one every call does nothing.
public struct ServiceManager: Sendable {
    private let path: [UInt8]?
    /// How often at the least it wants to hear that all is well; nil if it does not watch.
    public let watchdogInterval: Duration?

    /// What the environment says: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    ///
    /// - Parameter variable: looks up a variable of the environment.
    public init(environment variable: (String) -> String?) {
        var bytes = variable("NOTIFY_SOCKET").map { Array($0.utf8) }
        // `@` stands for the null byte with which names outside of the file system begin.
        if bytes?.first == UInt8(ascii: "@") { bytes?[0] = 0 }
        let isUsable = bytes.map { (2...UnixSocketPath.limit).contains($0.count) && [0, 47].contains($0[0]) } ?? false
        path = isUsable ? bytes : nil
        let microseconds = variable("WATCHDOG_USEC").flatMap { UInt64($0) } ?? 0
        let isForUs = variable("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
        watchdogInterval = isForUs && microseconds > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
    }

    /// What can be said.
    public enum Message: Sendable, Hashable {
        /// The service does its work.
        case ready
        /// It begins to stop.
        case stopping
        /// It reads its files anew; `ready` follows.
        case reloading
        /// It is well.
        case watchdog
        /// Another process is the service from now on.
        case mainProcess(Int32)

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Deadline.now.nanoseconds / 1000)"
            case .watchdog: "WATCHDOG=1"
            case .mainProcess(let id): "MAINPID=\(id)"
            }
        }
    }

    /// Says it; whoever does not listen holds us up for a moment at most, or not at all where another word follows soon.
    @discardableResult
    public func tell(_ message: Message) -> Bool {
        guard let path else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let flags = Int32(MSG_NOSIGNAL) | (message == .watchdog ? Int32(MSG_DONTWAIT) : 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // The length counts: a name outside of the file system may hold null bytes.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let text = Array(message.text.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, flags, $0, length)
            }
        }
        return sent == text.count
    }
}
