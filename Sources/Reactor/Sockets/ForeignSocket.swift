internal import CLinux
internal import Glibc

/// A socket that a C library owns, in the loop's set: the library is told when it can go on.
///
/// Level triggered, because such a library may leave bytes unread. Confined to its loop; the library closes the socket,
/// after `release()`.
package final class ForeignSocket {
    private final class Entry: LoopEntry {
        var call: (() -> Void)?

        override func eventsArrived(_ events: UInt32) { call?() }
    }

    private let loop: EventLoop
    private let descriptor: Int32
    private let entry = Entry()
    private static let reading = EPOLLIN.rawValue | EPOLLRDHUP.rawValue

    /// Calls `body` on the loop whenever the socket can be read, has broken, or, if asked for, can be written.
    package init(_ descriptor: Int32, on loop: EventLoop, _ body: @escaping () -> Void) throws(SystemError) {
        precondition(loop.isCurrent, "a socket belongs to the thread of its loop")
        self.loop = loop
        self.descriptor = descriptor
        entry.call = body
        loop.entries.insert(entry)
        do {
            try loop.watch(descriptor, for: Self.reading, token: entry.token)
        } catch {
            loop.entries.remove(entry.token)
            throw error
        }
    }

    /// Whether to call when the socket can be written, too.
    package var wantsToWrite = false {
        didSet {
            guard wantsToWrite != oldValue, entry.call != nil else { return }
            loop.watchAgain(
                descriptor, for: wantsToWrite ? Self.reading | EPOLLOUT.rawValue : Self.reading, token: entry.token)
        }
    }

    /// Takes the socket out of the set; nobody is called any more.
    package func release() {
        guard entry.call != nil else { return }
        entry.call = nil
        loop.unwatch(descriptor)
        loop.entries.remove(entry.token)
    }
}

@available(*, unavailable)
extension ForeignSocket: Sendable {}
